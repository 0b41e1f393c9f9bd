import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import { createDockerWorld } from '../testing/docker-world.ts'
import type { DockerWorld } from '../testing/docker-world.ts'

let world: DockerWorld

beforeAll(async () => {
  world = await createDockerWorld()
})
afterEach(() => world.removePods())
afterAll(() => world[Symbol.asyncDispose]())

it('a runtime class names one of Docker’s runtimes; one that Docker has not is refused', async () => {
  world.api.runtimeClasses.set('plain', { metadata: { name: 'plain' }, handler: 'runc' })
  world.api.runtimeClasses.set('sandboxed', { metadata: { name: 'sandboxed' }, handler: 'no-such-runtime' })
  const containers = [world.run('app', 'exec sleep 600')]
  const uid = world.create({ runtimeClassName: 'plain', containers }, 'plain')
  const refused = world.create({ runtimeClassName: 'sandboxed', containers }, 'sandboxed')
  await world.eventually(() => world.containerStatus(uid)?.ready === true)
  const made = await world.listContainers(uid)
  const runtimes = await Promise.all(
    made.map(async ({ Id }) => (await world.docker.getContainer(Id).inspect()).HostConfig.Runtime),
  )
  expect(runtimes).toEqual(['runc', 'runc'])
  await world.eventually(() => world.api.events.some(({ reason }) => reason === 'FailedCreatePodSandBox'))
  expect(world.api.events.find(({ reason }) => reason === 'FailedCreatePodSandBox')?.message).toBe(
    'Failed to create pod sandbox: failed to get sandbox runtime: no runtime for "no-such-runtime" is configured',
  )
  expect(await world.listContainers(refused)).toEqual([])
})
