import { afterEach, describe, expect, it } from 'vitest'
import type { NodeCondition, Pod } from '../../api/generated/core-v1.ts'
import { createSimulatedWorld, testContainer, testPod } from '../testing/simulated-world.ts'
import type { SimulatedWorld } from '../testing/simulated-world.ts'
import { defaultKubeletSettings } from '../kubelet-settings.ts'
import type { KubeletSettings } from '../kubelet-settings.ts'
import { noUsage } from '../runtime/usage.ts'
import type { Runtime } from '../runtime/runtime.ts'

const mebi = 2 ** 20
const gibi = 2 ** 30

let world: SimulatedWorld
afterEach(() => world[Symbol.asyncDispose]())

/** A node whose memory and disk are what `node` says; what containers use is in their annotations. */
function createWorld(
  overrides: Partial<Runtime> = {},
  settings: Partial<KubeletSettings> = {},
): { availableMemory: number; availableDisk: number; freeProcessIds: number } {
  const node = { availableMemory: 8 * gibi, availableDisk: 50 * gibi, freeProcessIds: 30_000 }
  world = createSimulatedWorld(
    {
      ...overrides,
      async usage(targets) {
        const usage = noUsage()
        for (const id of targets.containers) {
          const status = await world.runtime.containerStatus(id)
          const bytes = Number(world.api.pod(status?.pod.uid ?? '')?.metadata.annotations?.['used'] ?? 0)
          usage.containers.set(id, { ...sample(bytes), processes: bytes })
        }
        usage.processIds = { max: 32_000, running: 32_000 - node.freeProcessIds }
        usage.machine = { ...sample(0), availableBytes: node.availableMemory }
        usage.fileSystem = {
          capacityBytes: 100 * gibi,
          availableBytes: node.availableDisk,
          usedBytes: 100 * gibi - node.availableDisk,
          inodes: 1000,
          inodesFree: 900,
        }
        return usage
      },
    },
    { settings: { ...defaultKubeletSettings, ...settings } },
  )
  return node
}

function sample(bytes: number) {
  const none = { uptimeMs: world?.clock.now() ?? 0, cpuNanoSeconds: 0, pageFaults: 0, majorPageFaults: 0 }
  return { ...none, usageBytes: bytes, workingSetBytes: bytes, rssBytes: bytes }
}

interface Wish {
  used?: number
  memory?: string
  priority?: number
  limit?: string
}

function create(name: string, { used = 0, memory, priority = 0, limit }: Wish = {}): string {
  const resources = {
    ...(memory ? { requests: { memory } } : {}),
    ...(limit ? { limits: { 'ephemeral-storage': limit } } : {}),
  }
  const spec = { priority, containers: [testContainer('app', { resources })] }
  return world.api.createPod(testPod(spec, { name, annotations: { used: String(used) } })).metadata.uid!
}

const phase = (uid: string): string | undefined => world.api.pod(uid)?.status?.phase
const status = (uid: string): Pod['status'] => world.api.pod(uid)?.status

async function allRun(): Promise<void> {
  await world.eventually(() => [...world.api.pods.keys()].every((uid) => phase(uid) === 'Running'))
}

function condition(type: string): NodeCondition | undefined {
  return world.api.nodes.get('node-1')?.status?.conditions?.find((one) => one.type === type)
}

describe('a node short of memory', () => {
  it('says so, evicts who uses most beyond its request, one at a time, and takes no BestEffort pod', async () => {
    const node = createWorld()
    await world.boot()
    const modest = create('modest', { used: 900 * mebi, memory: '1Gi' })
    const greedy = create('greedy', { used: 300 * mebi, memory: '100Mi' })
    const important = create('important', { used: 500 * mebi, memory: '100Mi', priority: 1000 })
    const critical = create('critical', { used: gibi, priority: 2_000_000_000 })
    await allRun()
    expect(condition('MemoryPressure')).toMatchObject({ status: 'False' })

    node.availableMemory = 50 * mebi
    await world.eventually(() => phase(greedy) === 'Failed')
    node.availableMemory = 8 * gibi
    const message =
      'The node was low on resource: memory. Threshold quantity: 100Mi, available: 50Mi. ' +
      'Container app was using 300Mi, request is 100Mi, has larger consumption of memory. '
    expect(status(greedy)).toMatchObject({ reason: 'Evicted', message })
    expect(status(greedy)?.conditions).toContainEqual(
      expect.objectContaining({ type: 'DisruptionTarget', status: 'True', reason: 'TerminationByKubelet' }),
    )
    expect(world.reasons()).toContain('EvictionThresholdMet')
    await world.eventually(() => condition('MemoryPressure')?.status === 'True')
    expect(condition('MemoryPressure')).toMatchObject({
      reason: 'KubeletHasInsufficientMemory',
      message: 'kubelet has insufficient memory available',
    })

    const late = create('late')
    const sized = create('sized', { memory: '10Mi' })
    await world.eventually(() => phase(late) === 'Failed' && phase(sized) === 'Running')
    expect(status(late)).toMatchObject({
      reason: 'Evicted',
      message: 'Pod was rejected: The node had condition: [MemoryPressure]. ',
    })
    expect([modest, important, critical].map(phase)).toEqual(['Running', 'Running', 'Running'])

    await world.eventually(() => condition('MemoryPressure')?.status === 'False', 330_000)
    expect(world.reasons()).toEqual(
      expect.arrayContaining(['NodeHasInsufficientMemory', 'NodeHasSufficientMemory']),
    )
  })
})

describe('a soft threshold', () => {
  it('is told at once, evicts after its grace period, and lets the pod have its time', async () => {
    const node = createWorld(
      {},
      {
        evictionThresholds: [
          {
            signal: 'memory.available',
            value: { amount: gibi },
            graceMs: 60_000,
            minimumReclaim: { amount: gibi },
          },
        ],
        evictionMaxPodGraceSeconds: 20,
      },
    )
    await world.boot()
    const uid = create('greedy', { used: 300 * mebi })
    await allRun()
    node.availableMemory = 900 * mebi
    await world.eventually(() => condition('MemoryPressure')?.status === 'True')
    // A short relief begins the grace period anew.
    for (let turn = 0; turn < 40; turn++) await world.clock.advance(1_000)
    node.availableMemory = 8 * gibi
    for (let turn = 0; turn < 20; turn++) await world.clock.advance(1_000)
    node.availableMemory = 900 * mebi
    for (let turn = 0; turn < 50; turn++) await world.clock.advance(1_000)
    expect(phase(uid)).toBe('Running')
    await world.eventually(() => phase(uid) === 'Failed', 40_000)
    expect(status(uid)?.message).toContain('Threshold quantity: 1Gi, available: 900Mi. ')

    // It is not over before the minimum reclaim is there too.
    const next = create('next', { used: 200 * mebi, memory: '10Mi' })
    await world.eventually(() => phase(next) === 'Running')
    node.availableMemory = 1.5 * gibi
    await world.eventually(() => phase(next) === 'Failed', 40_000)
  })
})

describe('a node short of disk', () => {
  it('evicts who wrote most', async () => {
    const written = new Map<string, number>()
    const node = createWorld({
      writtenBytes: async () => {
        const all = await world.runtime.listContainers()
        return new Map(all.map(({ id, pod }) => [id, written.get(pod.name) ?? 0]))
      },
    })
    await world.boot()
    const small = create('small')
    const big = create('big')
    await allRun()
    written.set('small', gibi).set('big', 5 * gibi)
    node.availableDisk = gibi
    await world.eventually(() => phase(big) === 'Failed')
    node.availableDisk = 50 * gibi
    expect(status(big)?.message).toBe(
      'The node was low on resource: ephemeral-storage. Threshold quantity: 2Gi, available: 1Gi. ' +
        'Container app was using 5Gi, request is 0, has larger consumption of ephemeral-storage. ',
    )
    expect(condition('DiskPressure')).toMatchObject({ status: 'True', reason: 'KubeletHasDiskPressure' })
    expect(phase(small)).toBe('Running')
  })
})

describe('an ephemeral-storage limit', () => {
  it('ends the pod that outgrows it, and costs nothing where none has one', async () => {
    let asked = 0
    const written = new Map<string, number>()
    createWorld({
      writtenBytes: async () => {
        asked++
        const all = await world.runtime.listContainers()
        return new Map(all.map(({ id, pod }) => [id, written.get(pod.name) ?? 0]))
      },
    })
    await world.boot()
    create('free')
    await allRun()
    for (let turn = 0; turn < 60; turn++) await world.clock.advance(1_000)
    expect(asked).toBe(0)

    const limited = create('limited', { limit: '10Mi' })
    await allRun()
    written.set('limited', 9 * mebi)
    for (let turn = 0; turn < 120; turn++) await world.clock.advance(1_000)
    expect(phase(limited)).toBe('Running')
    written.set('limited', 11 * mebi)
    await world.eventually(() => phase(limited) === 'Failed', 120_000)
    expect(status(limited)).toMatchObject({
      reason: 'Evicted',
      message: 'Pod ephemeral local storage usage exceeds the total limit of containers 10Mi. ',
    })
  })
})

describe('a node short of process ids', () => {
  it('says so and evicts, of the least important, the pod that has most', async () => {
    const evictionThresholds = [{ signal: 'pid.available', value: { amount: 1000 } }] as const
    const node = createWorld({}, { evictionThresholds })
    await world.boot()
    const few = create('few', { used: 3 })
    const many = create('many', { used: 900 })
    const important = create('important', { used: 5000, priority: 1000 })
    await allRun()
    expect(condition('PIDPressure')).toMatchObject({ status: 'False', reason: 'KubeletHasSufficientPID' })

    node.freeProcessIds = 400
    await world.eventually(() => phase(many) === 'Failed')
    node.freeProcessIds = 30_000
    expect(status(many)).toMatchObject({
      reason: 'Evicted',
      message: 'The node was low on resource: pids. Threshold quantity: 1000, available: 400. ',
    })
    await world.eventually(() => condition('PIDPressure')?.status === 'True')
    expect(condition('PIDPressure')).toMatchObject({
      reason: 'KubeletHasInsufficientPID',
      message: 'kubelet has insufficient PID available',
    })
    expect([phase(few), phase(important)]).toEqual(['Running', 'Running'])
    await world.eventually(() => condition('PIDPressure')?.status === 'False', 330_000)
  })
})
