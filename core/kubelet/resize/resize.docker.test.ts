import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { Container, PodSpec } from '../../api/generated/core-v1.ts'
import { createDockerWorld } from '../testing/docker-world.ts'
import type { DockerWorld } from '../testing/docker-world.ts'

let world: DockerWorld

beforeAll(async () => {
  world = await createDockerWorld()
})
afterEach(() => world.removePods())
afterAll(() => world[Symbol.asyncDispose]())

const resizePolicy = [{ resourceName: 'memory', restartPolicy: 'RestartContainer' }]

function sized(cpu: string, memory: string): Container {
  const limits = { cpu, memory }
  return world.run('app', 'exec sleep 600', { resizePolicy, resources: { limits, requests: limits } })
}

/** What the engine has set for the pod's newest container. */
async function limitsOf(uid: string): Promise<unknown> {
  const id = world.containerStatus(uid)?.containerID?.replace('docker://', '') ?? ''
  const { HostConfig: config } = await world.docker.getContainer(id).inspect()
  return [config.CpuQuota, config.CpuShares, config.Memory, config.MemorySwap]
}

describe('resources of a pod as a whole on Docker', () => {
  it('bind its containers together, and are resized while they run', async () => {
    const whole = (cpu: string, memory: string): PodSpec['resources'] => ({
      requests: { cpu, memory },
      limits: { cpu, memory },
    })
    const volumeMounts = [{ name: 'shared', mountPath: '/shared' }]
    const containers = [
      world.run(
        'first',
        'dd if=/dev/zero of=/dev/shm/held bs=1M count=24; touch /shared/held; exec sleep 600',
        {
          volumeMounts,
        },
      ),
      // What it holds of itself makes it the one that the kernel ends.
      world.run(
        'second',
        'until [ -e /shared/go ]; do sleep 0.1; done; dd if=/dev/zero of=/dev/null bs=24M count=1 || exit 1; touch /shared/took; exec sleep 600',
        { volumeMounts },
      ),
    ]
    const uid = world.create({
      resources: whole('500m', '40Mi'),
      volumes: [{ name: 'shared', emptyDir: {} }],
      containers,
    })
    const restarts = (): number =>
      world.api.pod(uid)?.status?.containerStatuses?.find(({ name }) => name === 'second')?.restartCount ?? 0
    const exists = async (file: string): Promise<boolean> =>
      (await world.exec(uid, 'first', ['sh', '-c', `[ -e ${file} ] && echo yes || :`])).includes('yes')
    await world.eventually(() => world.containerStatus(uid)?.ready === true)
    await world.eventually(() => exists('/shared/held'))
    // Neither container is above its own limit, which is the pod's: what they have together is.
    expect(await limitsOf(uid)).toEqual([50_000, 2, 40 * 2 ** 20, 40 * 2 ** 20])
    await world.exec(uid, 'first', ['touch', '/shared/go'])
    await world.eventually(() => restarts() > 0)
    expect(await exists('/shared/took')).toBe(false)

    world.api.changeSpec(uid, { resources: whole('600m', '128Mi'), containers })
    await world.eventually(() => world.api.events.some(({ reason }) => reason === 'ResizeCompleted'))
    await world.eventually(() => exists('/shared/took'))
    await world.eventually(() => world.api.pod(uid)?.status?.resources?.limits?.['memory'] === '128Mi')
    expect(world.api.pod(uid)?.status?.allocatedResources).toEqual({ cpu: '600m', memory: '128Mi' })
  })
})

describe('a resize on Docker', () => {
  it('changes CPU while the container runs, and memory by its restart where the policy says so', async () => {
    const uid = world.create({ containers: [sized('200m', '64Mi')] })
    await world.eventually(() => world.containerStatus(uid)?.ready === true)
    const first = world.containerStatus(uid)!.containerID
    const completed = (): number =>
      world.api.events.filter(({ reason, involved }) => reason === 'ResizeCompleted' && involved.uid === uid)
        .length

    world.api.changeSpec(uid, { containers: [sized('300m', '64Mi')] })
    await world.eventually(() => completed() === 1)
    expect(world.containerStatus(uid)?.containerID).toBe(first)
    expect(await limitsOf(uid)).toEqual([30_000, 307, 64 * 2 ** 20, 64 * 2 ** 20])

    world.api.changeSpec(uid, { containers: [sized('300m', '96Mi')] })
    await world.eventually(() => completed() === 2)
    await world.eventually(() => world.containerStatus(uid)?.restartCount === 1)
    expect(world.containerStatus(uid)?.containerID).not.toBe(first)
    expect(await limitsOf(uid)).toEqual([30_000, 307, 96 * 2 ** 20, 96 * 2 ** 20])
    await world.eventually(() => world.containerStatus(uid)?.resources?.limits?.['memory'] === '96Mi')
  })
})
