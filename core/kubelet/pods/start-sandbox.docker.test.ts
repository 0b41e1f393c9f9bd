import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createDockerWorld } from '../testing/docker-world.ts'
import type { DockerWorld } from '../testing/docker-world.ts'

const resolvConf = '/etc/resolv.conf'

/** The node agent as it is when the engine is slow: the first file of each pod cannot be written. */
describe('a sandbox whose files could not be written', () => {
  let world: DockerWorld
  const refused = new Set<number>()
  let isAway = false

  beforeAll(async () => {
    world = await createDockerWorld({}, (agent) => ({
      async overwriteFile(pid, path, content) {
        if (isAway || (path === resolvConf && !refused.has(pid))) {
          refused.add(pid)
          throw new Error('not now')
        }
        await agent.overwriteFile(pid, path, content)
      },
    }))
  })
  afterAll(() => world[Symbol.asyncDispose]())

  const uses = (uid: string): Promise<string> => world.exec(uid, 'app', ['cat', resolvConf])
  const isRunning = (uid: string) => () => world.containerStatus(uid)?.state?.running !== undefined

  it('has them before its containers start, and is the same one', async () => {
    const uid = world.create({ containers: [world.run('app', 'sleep 1000')] }, 'late')
    await world.eventually(isRunning(uid))
    const reasons = world.api.events.map(({ reason }) => reason)
    expect(reasons).toContain('FailedCreatePodSandBox')
    expect(reasons).not.toContain('SandboxChanged')
    expect(await uses(uid)).toBe(world.network.resolvConf(world.api.pod(uid)!))
    expect(await world.listContainers(uid)).toHaveLength(2)
  })

  it('has them also when the process ended before it could try again', async () => {
    isAway = true
    const uid = world.create({ containers: [world.run('app', 'sleep 1000')] }, 'cut-off')
    await world.eventually(async () => (await world.listContainers(uid)).length === 1)
    await world.eventually(() =>
      world.api.events.some(
        ({ reason, involved }) => reason === 'FailedCreatePodSandBox' && involved.name === 'cut-off',
      ),
    )
    await world.shutDown()
    isAway = false
    await world.boot()
    await world.eventually(isRunning(uid))
    expect(await uses(uid)).toBe(world.network.resolvConf(world.api.pod(uid)!))
  })
})
