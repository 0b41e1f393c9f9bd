import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { Container } from '../../api/generated/core-v1.ts'
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

describe('a resize on Docker', () => {
  it('changes CPU while the container runs, and memory by its restart where the policy says so', async () => {
    const uid = world.create({ containers: [sized('200m', '64Mi')] })
    await world.eventually(() => world.containerStatus(uid)?.ready === true)
    const first = world.containerStatus(uid)!.containerID
    const completed = (): number =>
      world.api.events.filter(({ reason }) => reason === 'ResizeCompleted').length

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
