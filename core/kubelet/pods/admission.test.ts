import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Pod, PodSpec } from '../../api/generated/core-v1.ts'
import { createSimulatedWorld, testContainer, testPod } from '../testing/simulated-world.ts'
import type { SimulatedWorld } from '../testing/simulated-world.ts'

let world: SimulatedWorld
let inner: SimulatedWorld['runtime']
beforeEach(() => {
  world = createSimulatedWorld({
    machineInfo: async () => ({ ...(await inner.machineInfo()), runtimeHandlers: ['runc'] }),
  })
  inner = createSimulatedWorld().runtime
})
afterEach(() => world[Symbol.asyncDispose]())

function create(spec: Partial<PodSpec>, name = 'web'): string {
  return world.api.createPod(testPod(spec, { name })).metadata.uid!
}

const status = (uid: string): Pod['status'] => world.api.pod(uid)?.status

function asking(requests: Record<string, string>): Partial<PodSpec> {
  return { containers: [testContainer('app', { resources: { requests, limits: requests } })] }
}

describe('a pod that was bound to the node without asking the scheduler', () => {
  it.each([
    ['cpu', '9', 'requested: 9000, used: 1000, capacity: 8000'],
    ['hugepages-2Mi', '4Mi', 'requested: 4194304, used: 0, capacity: 0'],
  ])('fails when the node has not enough %s', async (resource, quantity, amounts) => {
    await world.boot()
    const first = create(asking({ cpu: '1' }), 'first')
    await world.eventually(() => status(first)?.phase === 'Running')
    const uid = create(asking({ [resource]: quantity }))
    await world.eventually(() => status(uid)?.phase === 'Failed')
    expect(status(uid)).toMatchObject({
      reason: `OutOf${resource}`,
      message: `Pod was rejected: Node didn't have enough resource: ${resource}, ${amounts}`,
    })
    expect(await world.runtime.listSandboxes(uid)).toEqual([])
  })

  it('runs in spite of a resource that the node knows nothing of', async () => {
    await world.boot()
    const uid = create(asking({ 'example.com/gpu': '1' }))
    await world.eventually(() => status(uid)?.phase === 'Running')
  })

  it('runs once another has given way', async () => {
    await world.boot()
    const first = create(asking({ cpu: '8' }), 'first')
    await world.eventually(() => status(first)?.phase === 'Running')
    world.api.requestDeletion(first, 0, world.clock.now())
    await world.eventually(() => world.api.pods.size === 0)
    const uid = create(asking({ cpu: '8' }))
    await world.eventually(() => status(uid)?.phase === 'Running')
  })
})

describe('a runtime class', () => {
  it('whose handler the engine has not lets no sandbox be made, and the event says so', async () => {
    world.api.runtimeClasses.set('sandboxed', { metadata: { name: 'sandboxed' }, handler: 'gvisor' })
    world.api.runtimeClasses.set('plain', { metadata: { name: 'plain' }, handler: 'runc' })
    await world.boot()
    const plain = create({ runtimeClassName: 'plain' }, 'plain')
    const uid = create({ runtimeClassName: 'sandboxed' })
    create({ runtimeClassName: 'nowhere' }, 'lost')
    await world.eventually(() => status(plain)?.phase === 'Running')
    const messages = (): string[] =>
      world.api.events
        .filter(({ reason }) => reason === 'FailedCreatePodSandBox')
        .map(({ message }) => message)
    await world.eventually(() => new Set(messages()).size === 2)
    expect(messages()).toEqual(
      expect.arrayContaining([
        'Failed to create pod sandbox: failed to get sandbox runtime: no runtime for "gvisor" is configured',
        'Failed to create pod sandbox: RuntimeClass "nowhere" not found',
      ]),
    )
    expect(status(uid)?.phase).toBe('Pending')
    expect(await world.runtime.listSandboxes(uid)).toEqual([])
  })
})
