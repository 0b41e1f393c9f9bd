import { expect, it } from 'vitest'
import { createSimulatedWorld } from '../testing/simulated-world.ts'

const dongle = 'example.com/dongle'

it("others' resources in a node's capacity become allocatable, and go with it", async () => {
  await using world = createSimulatedWorld()
  const { api, boot, eventually } = world
  await boot()
  const setCapacity = (amount: string | null): Promise<void> =>
    api.patchNodeStatus('node-1', { capacity: { [dongle]: amount } })
  const before = api.nodes.get('node-1')?.status?.allocatable
  const allocatable = (): string | undefined => api.nodes.get('node-1')?.status?.allocatable?.[dongle]

  await setCapacity('4')
  await eventually(() => allocatable() === '4')
  await setCapacity('5')
  await eventually(() => allocatable() === '5')
  await setCapacity(null)
  await eventually(() => allocatable() === undefined)
  expect(api.nodes.get('node-1')?.status?.allocatable).toEqual(before)
})
