import { expect, it } from 'vitest'
import { defaultKubeletSettings } from '../kubelet-settings.ts'
import { createSimulatedWorld } from '../testing/simulated-world.ts'

const gibibyte = 2 ** 30

async function allocatableOf(settings = defaultKubeletSettings): Promise<Record<string, string>> {
  const { runtime } = createSimulatedWorld()
  await using world = createSimulatedWorld(
    {
      machineInfo: async () => ({
        ...(await runtime.machineInfo()),
        cpus: 4,
        memoryBytes: 8 * gibibyte,
        diskBytes: 10 * gibibyte,
      }),
    },
    { settings },
  )
  await world.boot()
  const { capacity, allocatable } = world.api.nodes.get('node-1')!.status!
  expect(capacity).toMatchObject({ cpu: '4', memory: '8Gi', 'ephemeral-storage': '10Gi' })
  return allocatable!
}

it('pods may not ask for what hard eviction thresholds keep free', async () => {
  expect(await allocatableOf()).toEqual({
    cpu: '4',
    memory: '8092Mi',
    'ephemeral-storage': '9Gi',
    pods: '110',
    'hugepages-1Gi': '0',
    'hugepages-2Mi': '0',
  })
})

it('soft thresholds take nothing from them, and more than there is leaves nothing', async () => {
  const allocatable = await allocatableOf({
    ...defaultKubeletSettings,
    evictionThresholds: [
      { signal: 'memory.available', value: { amount: 9 * gibibyte } },
      { signal: 'memory.available', value: { amount: gibibyte }, graceMs: 1_000 },
      { signal: 'nodefs.available', value: { amount: gibibyte }, graceMs: 1_000 },
    ],
  })
  expect(allocatable).toMatchObject({ memory: '0', 'ephemeral-storage': '10Gi' })
})
