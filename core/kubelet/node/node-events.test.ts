import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { RuntimeError } from '../runtime/runtime.ts'
import { createSimulatedWorld } from '../testing/simulated-world.ts'
import type { SimulatedWorld } from '../testing/simulated-world.ts'

describe('the events of a node', () => {
  let world: SimulatedWorld
  let down: boolean
  let bootId: string
  beforeEach(() => {
    down = false
    bootId = 'first'
    const { runtime } = createSimulatedWorld()
    world = createSimulatedWorld({
      async ping() {
        if (down) throw new RuntimeError('RuntimeUnavailable', 'gone for lunch')
      },
      machineInfo: async () => ({ ...(await runtime.machineInfo()), bootId }),
    })
  })
  afterEach(() => world[Symbol.asyncDispose]())

  const told = (): string[] =>
    world.api.events.map(({ type, reason, message }) => `${type} ${reason}: ${message}`)
  const is = (reason: string): string => `Normal ${reason}: Node node-1 status is now: ${reason}`
  const sufficient = ['NodeHasSufficientMemory', 'NodeHasNoDiskPressure', 'NodeHasSufficientPID'].map(is)

  it('tell of its start and of what it has enough of, as upstream’s do, and of readiness where that changed', async () => {
    const kubelet = await world.boot()
    expect(told()).toEqual(['Normal Starting: Starting kubelet.', ...sufficient, is('NodeReady')])
    expect(world.api.events[0]!.involved).toEqual({
      kind: 'Node',
      apiVersion: 'v1',
      name: 'node-1',
      uid: 'node-1',
    })
    await kubelet.stop({ containers: 'keep' })
    world.api.events.length = 0
    await world.boot()
    expect(told()).toEqual(['Normal Starting: Starting kubelet.', ...sufficient])
  })

  it('tell when the engine goes, when it comes back, and that the machine was started anew', async () => {
    await world.boot()
    world.api.events.length = 0
    down = true
    await world.eventually(() => told().length > 0)
    expect(told()).toEqual([is('NodeNotReady')])
    down = false
    bootId = 'second'
    await world.eventually(() => told().length > 2)
    expect(told().slice(1).toSorted()).toEqual([
      is('NodeReady'),
      'Warning Rebooted: Node node-1 has been rebooted, boot id: second',
    ])
  })

  it('tell when it takes no more pods, and when it does again', async () => {
    await world.boot()
    world.api.events.length = 0
    const cordon = (unschedulable: boolean): void => {
      const node = world.api.nodes.get('node-1')!
      world.api.nodes.set('node-1', { ...node, spec: { ...node.spec, unschedulable } })
    }
    cordon(true)
    await world.eventually(() => told().length === 1)
    cordon(false)
    await world.eventually(() => told().length === 2)
    expect(told()).toEqual([is('NodeNotSchedulable'), is('NodeSchedulable')])
  })
})
