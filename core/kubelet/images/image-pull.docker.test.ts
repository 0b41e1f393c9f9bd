import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createDockerWorld } from '../testing/docker-world.ts'
import type { DockerWorld } from '../testing/docker-world.ts'
import { startImageRegistry } from '../testing/image-registry.ts'
import type { ImageRegistry } from '../testing/image-registry.ts'

let world: DockerWorld
let registry: ImageRegistry
const references: string[] = []

beforeAll(async () => {
  world = await createDockerWorld()
})
beforeEach(async () => {
  registry = await startImageRegistry()
})
afterEach(async () => {
  registry.release()
  await world.removePods()
  await registry[Symbol.asyncDispose]()
})
afterAll(async () => {
  await Promise.all(references.map((reference) => world.runtime.removeImage(reference)))
  await world[Symbol.asyncDispose]()
})

async function push(tag = '1'): Promise<{ reference: string; digest: string }> {
  const pushed = await registry.push('team/app', tag)
  references.push(pushed.reference)
  return pushed
}

function create(image: string, secrets: string[] = []): string {
  return world.create({
    containers: [{ name: 'app', image, imagePullPolicy: 'IfNotPresent' }],
    imagePullSecrets: secrets.map((name) => ({ name })),
  })
}

const messages = (uid: string, reason: string): string[] =>
  world.api.events
    .filter((event) => event.involved.uid === uid && event.reason === reason)
    .map(({ message }) => message)
const stateOf = (uid: string): unknown => world.containerStatus(uid)?.state
const runs = (uid: string): boolean => world.api.pod(uid)?.status?.phase === 'Running'

function storeSecret(name: string, username: string, password: string): void {
  const auths = { [registry.host]: { username, password } }
  const config = Buffer.from(JSON.stringify({ auths })).toString('base64')
  world.api.secrets.set(`default/${name}`, { metadata: { name }, data: { '.dockerconfigjson': config } })
}

describe('an image of a registry', () => {
  it('shows how far its pull is, and then the events of upstream', async () => {
    const { reference, digest } = await push()
    registry.hold()
    const uid = create(reference)
    await world.eventually(() => JSON.stringify(stateOf(uid) ?? {}).includes('downloaded'))
    expect(stateOf(uid)).toEqual({
      waiting: {
        reason: 'ContainerCreating',
        message: expect.stringMatching(
          /^Pulling image "127\.0\.0\.1:\d+\/team\/app:1": [01] of 2 layers, \d+\.\d of \d+\.\d MiB downloaded$/,
        ) as unknown,
      },
    })
    registry.release()
    await world.eventually(() => runs(uid))
    expect(messages(uid, 'Pulling')).toEqual([`Pulling image "${reference}"`])
    const [pulled] = messages(uid, 'Pulled')
    expect(pulled).toMatch(
      /^Successfully pulled image "[^"]+" in [\d.m]+s \([\d.m]+s including waiting\)\. Image size: \d+ bytes\.$/,
    )
    expect((await world.runtime.imageStatus(reference))?.digests).toEqual([
      `${registry.host}/team/app@${digest}`,
    ])
  })

  it('can be named by its digest, alone or beside a tag', async () => {
    const { digest } = await push('2')
    const alone = `${registry.host}/team/app@${digest}`
    references.push(alone)
    const uid = create(alone)
    await world.eventually(() => runs(uid))
    expect(world.containerStatus(uid)?.image).toBe(alone)
    const both = `${registry.host}/team/app:2@${digest}`
    const second = world.create(
      { containers: [{ name: 'app', image: both, imagePullPolicy: 'Always' }] },
      'both',
    )
    await world.eventually(() => runs(second))
    expect(messages(second, 'Pulled')[0]).toContain(`Successfully pulled image "${both}"`)
  })

  it('is had with the Secret that fits, and not without', async () => {
    const { reference } = await push('3')
    registry.protect('reader', 'right')
    storeSecret('wrong', 'reader', 'stale')
    const refused = create(reference, ['wrong'])
    await world.eventually(() => JSON.stringify(stateOf(refused) ?? {}).includes('ImagePullBackOff'))
    expect(messages(refused, 'Failed')[0]).toMatch(
      /^Failed to pull image "[^"]+": .*(basic auth|unauthorized|denied)/,
    )
    expect(messages(refused, 'Failed').slice(1)).toEqual(['Error: ErrImagePull', 'Error: ImagePullBackOff'])
    expect(messages(refused, 'BackOff')).toEqual([`Back-off pulling image "${reference}"`])
    await world.removePods()

    // Every Secret that may fit is tried.
    storeSecret('right', 'reader', 'right')
    const uid = create(reference, ['wrong', 'right'])
    await world.eventually(() => runs(uid))

    // That it is on the machine now gives it to nobody else.
    const stranger = world.create(
      { containers: [{ name: 'app', image: reference, imagePullPolicy: 'IfNotPresent' }] },
      'stranger',
    )
    await world.eventually(() => JSON.stringify(stateOf(stranger) ?? {}).includes('ErrImagePull'))
  })

  it('whose pod goes is no longer pulled', async () => {
    const { reference } = await push('4')
    registry.hold()
    const uid = create(reference)
    await world.eventually(() => registry.requests.some((request) => request.includes('/blobs/')))
    world.api.requestDeletion(uid, 0, Date.now())
    await world.eventually(async () => (await world.listContainers(uid)).length === 0)
    registry.release()
    expect(await world.runtime.imageStatus(reference)).toBeUndefined()
    expect(messages(uid, 'Failed')).toEqual([])
  })
})
