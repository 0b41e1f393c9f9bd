import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Container, Pod, ResourceRequirements } from '../../api/generated/core-v1.ts'
import { createSimulatedWorld, testContainer, testPod } from '../testing/simulated-world.ts'
import type { SimulatedWorld } from '../testing/simulated-world.ts'

let world: SimulatedWorld
beforeEach(() => {
  world = createSimulatedWorld()
})
afterEach(() => world[Symbol.asyncDispose]())

/** A container of so many millicores and MiB, request and limit. */
function sized(cpu: number, memory: number, more: Partial<Container> = {}): Container {
  const list = { cpu: `${cpu}m`, memory: `${memory}Mi` }
  return testContainer('app', { resources: { requests: list, limits: list }, ...more })
}

async function runningPod(containers: Container[], name = 'web'): Promise<string> {
  const { metadata } = world.api.createPod(testPod({ containers }, { name }))
  const uid = metadata.uid!
  await world.eventually(() => status(uid)?.containerStatuses?.[0]?.state?.running !== undefined)
  return uid
}

function status(uid: string): Pod['status'] {
  return world.api.pod(uid)?.status
}

function resources(uid: string): ResourceRequirements | undefined {
  return status(uid)?.containerStatuses?.[0]?.resources
}

function condition(uid: string, type: string): unknown {
  return status(uid)?.conditions?.find((one) => one.type === type)
}

describe('a resize in place', () => {
  it('changes the container that runs and tells of its start and end', async () => {
    await world.boot()
    const uid = await runningPod([sized(100, 64)])
    expect(resources(uid)).toEqual(sized(100, 64).resources)
    const [before] = await world.runtime.listContainers(uid)
    world.api.changeSpec(uid, { containers: [sized(200, 128)] })
    await world.eventually(() => world.reasons().includes('ResizeCompleted'))
    const [after] = await world.runtime.listContainers(uid)
    expect(after).toMatchObject({
      id: before!.id,
      resources: {
        cpuShares: 204,
        cpuQuota: { quota: 20_000, period: 100_000 },
        memoryLimitBytes: 128 * 2 ** 20,
      },
    })
    await world.eventually(() => condition(uid, 'PodResizeInProgress') === undefined)
    expect(status(uid)?.containerStatuses?.[0]).toMatchObject({
      restartCount: 0,
      resources: sized(200, 128).resources,
      allocatedResources: { cpu: '200m', memory: '128Mi' },
    })
    const started = world.api.events.find(({ reason }) => reason === 'ResizeStarted')
    expect(started?.message).toBe(
      `Pod resize started: ${JSON.stringify({
        containers: [{ name: 'app', resources: sized(200, 128).resources }],
        generation: 2,
      })}`,
    )
  })

  it('restarts a container whose policy says so', async () => {
    await world.boot()
    const resizePolicy = [{ resourceName: 'memory', restartPolicy: 'RestartContainer' }]
    const uid = await runningPod([sized(100, 64, { resizePolicy })])
    world.api.changeSpec(uid, { containers: [sized(200, 64, { resizePolicy })] })
    await world.eventually(() => world.reasons().includes('ResizeCompleted'))
    expect(status(uid)?.containerStatuses?.[0]?.restartCount).toBe(0)
    world.api.changeSpec(uid, { containers: [sized(200, 128, { resizePolicy })] })
    await world.eventually(() => status(uid)?.containerStatuses?.[0]?.restartCount === 1)
    await world.eventually(
      () => world.reasons().filter((reason) => reason === 'ResizeCompleted').length === 2,
    )
    const messages = world.api.events.map(({ message }) => message)
    expect(messages).toContain('Container app resize requires restart')
    expect(resources(uid)).toEqual(sized(200, 128).resources)
  })

  it('that no node of this size can do is infeasible, and the pod keeps what it has', async () => {
    await world.boot()
    const uid = await runningPod([sized(100, 64)])
    world.api.changeSpec(uid, { containers: [sized(9_000, 64)] })
    await world.eventually(() => condition(uid, 'PodResizePending') !== undefined)
    expect(condition(uid, 'PodResizePending')).toMatchObject({
      status: 'True',
      reason: 'Infeasible',
      message: "Node didn't have enough capacity: cpu, requested: 9000, capacity: 8000",
      observedGeneration: 2,
    })
    expect(resources(uid)).toEqual(sized(100, 64).resources)
    world.api.changeSpec(uid, { containers: [sized(100, 64)] })
    await world.eventually(() => condition(uid, 'PodResizePending') === undefined)
  })

  it('is deferred until another pod gives way, over a restart of the kubelet too', async () => {
    const kubelet = await world.boot()
    const uid = await runningPod([sized(1_000, 64)])
    const other = await runningPod([sized(5_000, 64)], 'other')
    world.api.changeSpec(uid, { containers: [sized(4_000, 64)] })
    await world.eventually(() => condition(uid, 'PodResizePending') !== undefined)
    expect(condition(uid, 'PodResizePending')).toMatchObject({
      reason: 'Deferred',
      message: "Node didn't have enough resource: cpu, requested: 4000, used: 5000, capacity: 8000",
    })
    await kubelet.stop({ containers: 'keep' })
    await world.boot()
    await world.eventually(() => world.reasons().filter((reason) => reason === 'ResizeDeferred').length === 2)
    expect(resources(uid)?.limits).toEqual({ cpu: '1000m', memory: '64Mi' })
    world.api.requestDeletion(other, 0, world.clock.now())
    await world.eventually(() => resources(uid)?.limits?.['cpu'] === '4000m', 30_000)
    await world.eventually(() => condition(uid, 'PodResizePending') === undefined)
  })

  it('below what is in use shows why it cannot be done, and is done once it can', async () => {
    let used = 100 * 2 ** 20
    const usage = async (): ReturnType<SimulatedWorld['runtime']['usage']> => ({
      containers: new Map(
        (await world.runtime.listContainers()).map(({ id }) => [
          id,
          {
            uptimeMs: 0,
            cpuNanoSeconds: 0,
            usageBytes: used,
            workingSetBytes: used,
            rssBytes: used,
            pageFaults: 0,
            majorPageFaults: 0,
          },
        ]),
      ),
      network: new Map(),
    })
    world = createSimulatedWorld({ usage })
    await world.boot()
    const uid = await runningPod([sized(100, 128)])
    world.api.changeSpec(uid, { containers: [sized(100, 64)] })
    await world.eventually(() => world.reasons().includes('ResizeError'))
    await world.eventually(() => condition(uid, 'PodResizeInProgress') !== undefined)
    expect(condition(uid, 'PodResizeInProgress')).toMatchObject({
      reason: 'Error',
      message: 'attempting to set container "app" memory limit (67108864) below current usage (104857600)',
    })
    expect(resources(uid)?.limits).toEqual({ cpu: '100m', memory: '128Mi' })
    used = 0
    await world.eventually(() => condition(uid, 'PodResizeInProgress') === undefined)
    expect(resources(uid)?.limits).toEqual({ cpu: '100m', memory: '64Mi' })
  })

  describe('of a pod as a whole', () => {
    const whole = (cpu: number, memory: number): ResourceRequirements => {
      const list = { cpu: `${cpu}m`, memory: `${memory}Mi` }
      return { requests: list, limits: list }
    }
    async function runningWhole(resources: ResourceRequirements): Promise<string> {
      const spec = { containers: [testContainer('app')], resources }
      const { metadata } = world.api.createPod(testPod(spec, { name: 'web' }))
      await world.eventually(
        () => status(metadata.uid!)?.containerStatuses?.[0]?.state?.running !== undefined,
      )
      return metadata.uid!
    }
    const group = async (uid: string): Promise<unknown> =>
      (await world.runtime.listSandboxes(uid))[0]?.resources

    it('changes its limits and those its containers have by it, and tells both', async () => {
      await world.boot()
      const uid = await runningWhole(whole(100, 64))
      expect(await group(uid)).toEqual({
        cpuShares: 102,
        cpuQuota: { quota: 10_000, period: 100_000 },
        memoryLimitBytes: 64 * 2 ** 20,
      })
      world.api.changeSpec(uid, { containers: [testContainer('app')], resources: whole(200, 128) })
      await world.eventually(() => world.reasons().includes('ResizeCompleted'))
      expect(await group(uid)).toMatchObject({ cpuShares: 204, memoryLimitBytes: 128 * 2 ** 20 })
      const [container] = await world.runtime.listContainers(uid)
      expect(container?.resources).toMatchObject({ cpuShares: 2, memoryLimitBytes: 128 * 2 ** 20 })
      await world.eventually(() => condition(uid, 'PodResizeInProgress') === undefined)
      expect(status(uid)).toMatchObject({
        resources: whole(200, 128),
        allocatedResources: { cpu: '200m', memory: '128Mi' },
      })
      expect(resources(uid)).toEqual({})
    })

    it('that the node has no room for is infeasible, and the pod keeps what it has', async () => {
      await world.boot()
      const uid = await runningWhole(whole(100, 64))
      world.api.changeSpec(uid, { containers: [testContainer('app')], resources: whole(9_000, 64) })
      await world.eventually(() => condition(uid, 'PodResizePending') !== undefined)
      expect(condition(uid, 'PodResizePending')).toMatchObject({ reason: 'Infeasible' })
      expect(status(uid)?.resources).toEqual(whole(100, 64))
      expect(await group(uid)).toMatchObject({ cpuShares: 102 })
    })

    it('is infeasible where the pod began without any, and the pod keeps what it has', async () => {
      await world.boot()
      const uid = await runningPod([sized(100, 64)])
      world.api.changeSpec(uid, { containers: [sized(100, 64)], resources: whole(200, 128) })
      await world.eventually(() => condition(uid, 'PodResizePending') !== undefined)
      expect(condition(uid, 'PodResizePending')).toMatchObject({
        reason: 'Infeasible',
        message: 'Resize of pod-level resources is infeasible for a pod that began without any',
      })
      expect(condition(uid, 'PodResizeInProgress')).toBeUndefined()
      expect(status(uid)).not.toHaveProperty('allocatedResources')
      expect(resources(uid)).toEqual(sized(100, 64).resources)
    })
  })
})
