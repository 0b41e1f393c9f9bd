import { afterEach, describe, expect, it } from 'vitest'
import { RuntimeError } from '../runtime/runtime.ts'
import { createSimulatedWorld, testContainer, testPod } from '../testing/simulated-world.ts'
import type { SimulatedWorld } from '../testing/simulated-world.ts'

let world: SimulatedWorld
afterEach(() => world[Symbol.asyncDispose]())

function create(image: string, name = 'web', imagePullSecrets: Array<{ name: string }> = []): string {
  const containers = [testContainer('app', { image })]
  return world.api.createPod(testPod({ containers, imagePullSecrets }, { name })).metadata.uid!
}

const waiting = (uid: string): unknown => world.api.pod(uid)?.status?.containerStatuses?.[0]?.state?.waiting

describe('images', () => {
  it('that the engine cannot inspect keep the container waiting with what it said', async () => {
    let broken = true
    world = createSimulatedWorld({
      async imageStatus(image) {
        if (broken) throw new RuntimeError('ImageInspectError', 'layer not known')
        return { id: `sha256:${image}`, tags: [image], digests: [], sizeBytes: 0 }
      },
    })
    await world.boot()
    const uid = create('nginx:1')
    await world.eventually(() => waiting(uid) !== undefined && world.reasons().includes('InspectFailed'))
    await world.eventually(() => (waiting(uid) as { reason: string }).reason === 'ImageInspectError')
    expect(waiting(uid)).toEqual({
      reason: 'ImageInspectError',
      message: 'Failed to inspect image "nginx:1": layer not known',
    })
    expect(world.api.events.map(({ message }) => message)).toContain('Error: ImageInspectError')
    broken = false
    await world.eventually(() => world.api.pod(uid)?.status?.phase === 'Running')
  })

  it('are pulled five at a time, and the event tells how long a pull waited', async () => {
    const pulled = new Set<string>()
    let running = 0
    let most = 0
    world = createSimulatedWorld({
      async imageStatus(image) {
        return pulled.has(image) ? { id: image, tags: [], digests: [], sizeBytes: 7 } : undefined
      },
      async pullImage(image) {
        most = Math.max(most, ++running)
        await new Promise<void>((resolve) => world.clock.after(1_000, resolve))
        running--
        pulled.add(image)
        return { image: { id: image, tags: [], digests: [], sizeBytes: 7 } }
      },
    })
    await world.boot()
    for (let at = 1; at <= 7; at++) create(`app:${at}`, `web-${at}`)
    await world.eventually(() =>
      [...world.api.pods.values()].every(({ status }) => status?.phase === 'Running'),
    )
    expect(most).toBe(5)
    const messages = world.api.events
      .filter(({ reason }) => reason === 'Pulled')
      .map(({ message }) => message)
    expect(messages).toContain(
      'Successfully pulled image "app:7" in 1s (2s including waiting). Image size: 7 bytes.',
    )
  })

  it('that took minutes say so as Go does', async () => {
    let isThere = false
    const image = { id: 'big', tags: [], digests: [], sizeBytes: 7 }
    world = createSimulatedWorld({
      imageStatus: async () => (isThere ? image : undefined),
      async pullImage() {
        await new Promise<void>((resolve) => world.clock.after(65_250, resolve))
        isThere = true
        return { image }
      },
    })
    await world.boot()
    create('big:1')
    await world.eventually(() => world.reasons().includes('Pulled'), 70_000)
    expect(world.api.events.find(({ reason }) => reason === 'Pulled')?.message).toBe(
      'Successfully pulled image "big:1" in 1m5.25s (1m5.25s including waiting). Image size: 7 bytes.',
    )
  })

  it('that take long to come say how far they are in the status of their container, and short pulls do not', async () => {
    const pulled = new Set<string>()
    world = createSimulatedWorld({
      async imageStatus(image) {
        return pulled.has(image) ? { id: image, tags: [], digests: [], sizeBytes: 7 } : undefined
      },
      async pullImage(image, _auth, { onProgress }) {
        const size = 40 * 2 ** 20
        for (let part = 1; part <= (image === 'big:1' ? 10 : 1); part++) {
          await new Promise<void>((resolve) => world.clock.after(1_000, resolve))
          onProgress?.({ layers: 3, layersDone: 1, downloadedBytes: (size / 10) * part, totalBytes: size })
        }
        pulled.add(image)
        return { image: { id: image, tags: [], digests: [], sizeBytes: 7 } }
      },
    })
    await world.boot()
    const told = new Map<string, Set<string>>()
    const [big, small] = [create('big:1', 'big'), create('small:1', 'small')]
    await world.eventually(() => {
      for (const uid of [big, small]) {
        const { message } = (waiting(uid) ?? {}) as { message?: string }
        if (message !== undefined) told.set(uid, (told.get(uid) ?? new Set()).add(message))
      }
      return world.api.pod(big)?.status?.phase === 'Running'
    })
    expect(told.get(small)).toBeUndefined()
    const messages = [...told.get(big)!]
    expect(messages[0]).toMatch(/^Pulling image "big:1": 1 of 3 layers, (8|12)\.0 of 40\.0 MiB downloaded$/)
    expect(messages.length).toBeGreaterThan(2)
    expect(world.api.pod(big)?.status?.containerStatuses?.[0]?.state).toHaveProperty('running')
  })

  it('that took credentials are only for who shows them; those that were there before are for all', async () => {
    const there = new Set(['preloaded:1'])
    const known = { username: 'reader', password: 'right', serverAddress: 'r.example.com' }
    world = createSimulatedWorld({
      async imageStatus(image) {
        return there.has(image) ? { id: image, tags: [image], digests: ['d'], sizeBytes: 7 } : undefined
      },
      async pullImage(image, auth) {
        const taken = auth.find(({ password }) => password === known.password)
        if (image.includes('private') && !taken) throw new RuntimeError('ErrImagePull', 'unauthorized')
        there.add(image)
        const status = { id: image, tags: [image], digests: ['d'], sizeBytes: 7 }
        return { image: status, ...(taken ? { auth: taken } : {}) }
      },
    })
    for (const password of ['right', 'wrong']) {
      const auths = { [known.serverAddress]: { username: known.username, password } }
      const config = Buffer.from(JSON.stringify({ auths })).toString('base64')
      world.api.secrets.set(`default/${password}`, {
        metadata: { name: password },
        data: { '.dockerconfigjson': config },
      })
    }
    await world.boot()
    const image = 'r.example.com/private:1'
    const phase = (uid: string): string | undefined => world.api.pod(uid)?.status?.phase
    const owner = create(image, 'owner', [{ name: 'right' }])
    await world.eventually(() => phase(owner) === 'Running')
    const [stranger, guesser] = [create(image, 'stranger'), create(image, 'guesser', [{ name: 'wrong' }])]
    const friend = create(image, 'friend', [{ name: 'wrong' }, { name: 'right' }])
    const open = create('preloaded:1', 'open')
    await world.eventually(() => phase(friend) === 'Running' && phase(open) === 'Running')
    const reasonOf = (uid: string): string | undefined =>
      (waiting(uid) as { reason?: string } | undefined)?.reason
    await world.eventually(() => [stranger, guesser].every((uid) => /ImagePull/.test(reasonOf(uid) ?? '')))
    const pulls = world.api.events.filter(({ reason }) => reason === 'Pulling')
    // The friend showed what the registry had taken before: it was not asked again.
    expect(pulls.map(({ involved }) => involved.name)).toEqual(['owner', 'stranger', 'guesser'])
  })

  it('show their digest in the status from the first moment', async () => {
    const digest = `docker.io/library/app@sha256:${'1'.repeat(64)}`
    let isThere = false
    // As the simulated runtime numbers it.
    const id = `sha256:${Buffer.from('app:1').toString('hex').padEnd(64, '0')}`
    const image = { id, tags: ['app:1'], digests: [digest], sizeBytes: 7 }
    world = createSimulatedWorld({
      imageStatus: async () => (isThere ? image : undefined),
      async pullImage() {
        isThere = true
        return { image }
      },
    })
    await world.boot()
    const uid = create('app:1')
    await world.eventually(() => world.api.pod(uid)?.status?.phase === 'Running')
    expect(world.api.pod(uid)?.status?.containerStatuses?.[0]?.imageID).toBe(`simulated-pullable://${digest}`)
  })

  it('are pulled without a Secret that is not there, which an event names', async () => {
    world = createSimulatedWorld()
    await world.boot()
    create('missing/app:1', 'web', [{ name: 'registry' }])
    await world.eventually(() => world.reasons().includes('FailedToRetrieveImagePullSecret'))
    const event = world.api.events.find(({ reason }) => reason === 'FailedToRetrieveImagePullSecret')
    expect(event?.message).toBe(
      'Unable to retrieve some image pull secrets (default/registry); attempting to pull the image may not succeed.',
    )
  })
})
