import { parseNano } from '../../api/quantity.ts'
import type { Device } from '../../api/generated/resource-v1.ts'
import type { DevicePool, PooledDevice } from './device-pools.ts'

/** What devices of a pool may still consume of the counters that they share (upstream: partitionable devices). */
export interface CounterLedger {
  /** False, and nothing changed, when too little is left for the device. */
  take(device: PooledDevice): boolean
  giveBack(device: PooledDevice): void
}

function* consumption({ consumesCounters = [] }: Device): Generator<[string, bigint]> {
  for (const { counterSet, counters } of consumesCounters) {
    for (const [name, { value }] of Object.entries(counters))
      yield [`${counterSet}/${name}`, parseNano(value) ?? 0n]
  }
}

/** A ledger over pools whose devices are partly in use. */
export function openLedger(isInUse: (id: string) => boolean): CounterLedger {
  const pools = new Map<DevicePool, Map<string, bigint>>()

  function leftIn(pool: DevicePool): Map<string, bigint> {
    const known = pools.get(pool)
    if (known) return known
    const left = new Map<string, bigint>()
    for (const { name: set, counters } of pool.counterSets.values()) {
      for (const [name, { value }] of Object.entries(counters))
        left.set(`${set}/${name}`, parseNano(value) ?? 0n)
    }
    for (const { id, device } of [...pool.devices, ...pool.elsewhere]) {
      if (isInUse(id)) change(left, device, -1n)
    }
    pools.set(pool, left)
    return left
  }

  function change(left: Map<string, bigint>, device: Device, sign: bigint): void {
    for (const [counter, amount] of consumption(device))
      left.set(counter, (left.get(counter) ?? 0n) + sign * amount)
  }

  return {
    take({ device, pool }) {
      if (!device.consumesCounters?.length) return true
      const left = leftIn(pool)
      change(left, device, -1n)
      if ([...consumption(device)].every(([counter]) => (left.get(counter) ?? 0n) >= 0n)) return true
      change(left, device, 1n)
      return false
    },
    giveBack({ device, pool }) {
      if (device.consumesCounters?.length) change(leftIn(pool), device, 1n)
    },
  }
}
