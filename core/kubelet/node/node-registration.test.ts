import { expect, it } from 'vitest'
import { isConditionTrue } from '../../api/conditions.ts'
import { createSimulatedWorld, testPod } from '../testing/simulated-world.ts'

it('a node whose object was deleted registers anew with all that it has to tell', async () => {
  await using world = createSimulatedWorld({ listImages: async () => [] })
  const { api, boot, eventually } = world
  await boot()
  const before = api.nodes.get('node-1')!
  await world.clock.advance(41_000)
  api.nodes.delete('node-1')
  // An image comes into use, by which the kubelet finds out, and is no longer among those listed by the time it has registered.
  api.createPod(testPod())
  await eventually(() => api.nodes.has('node-1'), 60_000)
  expect(api.nodes.get('node-1')!.metadata.uid).not.toBe(before.metadata.uid)
  await eventually(() => isConditionTrue(api.nodes.get('node-1')?.status?.conditions, 'Ready'), 15_000)
  expect(api.nodes.get('node-1')!.status?.capacity).toEqual(before.status!.capacity)
})
