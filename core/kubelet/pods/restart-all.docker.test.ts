import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import { createDockerWorld } from '../testing/docker-world.ts'
import type { DockerWorld } from '../testing/docker-world.ts'

let world: DockerWorld

beforeAll(async () => {
  world = await createDockerWorld()
})
afterEach(() => world.removePods())
afterAll(() => world[Symbol.asyncDispose]())

it('a container’s end has its pod begin anew on Docker, with its address and its volumes', async () => {
  const volumeMounts = [{ name: 'shared', mountPath: '/shared' }]
  const rule = { action: 'RestartAllContainers', exitCodes: { operator: 'In', values: [88] } }
  const watch = 'until [ -e /shared/broken ]; do sleep 0.1; done; rm /shared/broken; exit 88'
  const uid = world.create({
    restartPolicy: 'Never',
    volumes: [{ name: 'shared', emptyDir: {} }],
    initContainers: [world.run('prepare', 'echo prepared >> /shared/log', { volumeMounts })],
    containers: [
      world.run('main', 'trap "" TERM; sleep 600', { volumeMounts }),
      world.run('watcher', watch, { volumeMounts, restartPolicy: 'Never', restartPolicyRules: [rule] }),
    ],
  })
  const counts = (): number[] => {
    const { initContainerStatuses = [], containerStatuses = [] } = world.api.pod(uid)?.status ?? {}
    return [...initContainerStatuses, ...containerStatuses].map(({ restartCount }) => restartCount)
  }
  const areRunning = (): boolean =>
    world.api.pod(uid)?.status?.containerStatuses?.every(({ state }) => state?.running) ?? false
  await world.eventually(areRunning)
  const { podIP } = world.api.pod(uid)!.status!
  await world.exec(uid, 'main', ['touch', '/shared/broken'])
  await world.eventually(() => counts().every((count) => count === 1) && areRunning())
  expect(await world.exec(uid, 'main', ['cat', '/shared/log'])).toBe('prepared\nprepared\n')
  expect(world.api.pod(uid)?.status).toMatchObject({ phase: 'Running', podIP })
})
