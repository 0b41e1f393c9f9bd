import type { CapacityRequestPolicy, Device } from '../../api/generated/resource-v1.ts'
import { ceilQuantity, compareQuantity, parseNano, quantityLike } from '../../api/quantity.ts'

/** Amounts of capacities by name, in nano-units. */
export type ConsumedCapacity = ReadonlyMap<string, bigint>

/** Amounts as quantities, as results tell them. */
export type CapacityAmounts = Readonly<Record<string, string>>

/**
 * What one use of a device takes of its capacities: what is asked for, rounded up as the device says, and its default or
 * all there is of what is not asked for. Undefined where the device has no such capacity, or gives no such amount
 * (upstream: structured calculateConsumedCapacity, violatesPolicy).
 */
function amountsOf({ capacity = {} }: Device, requests: CapacityAmounts): CapacityAmounts | undefined {
  if (!Object.keys(requests).every((name) => Object.hasOwn(capacity, name))) return undefined
  const amounts: Record<string, string> = {}
  for (const [name, { value, requestPolicy = {} }] of Object.entries(capacity)) {
    const wanted = requests[name]
    const amount = wanted === undefined ? (requestPolicy.default ?? value) : roundUp(wanted, requestPolicy)
    if (!isGiven(amount, requestPolicy)) return undefined
    amounts[name] = amount
  }
  return amounts
}

function roundUp(wanted: string, { validRange, validValues = [] }: CapacityRequestPolicy): string {
  if (validRange?.min === undefined) {
    return validValues.find((value) => compareQuantity(wanted, value) <= 0) ?? wanted
  }
  const { min, step } = validRange
  if (compareQuantity(wanted, min) < 0) return min
  if (step === undefined) return wanted
  // In whole units, as upstream.
  const [from, by] = [ceilQuantity(min), ceilQuantity(step)]
  if (by <= 0n) return wanted
  const steps = (ceilQuantity(wanted) - from + by - 1n) / by
  return quantityLike(from + steps * by, step)
}

function isGiven(amount: string, policy: CapacityRequestPolicy): boolean {
  const { validRange, validValues = [], default: standard } = policy
  if (standard !== undefined && compareQuantity(amount, standard) === 0) return true
  if (validRange) {
    const { min = '0', max, step } = validRange
    if (max !== undefined && compareQuantity(amount, max) > 0) return false
    if (step === undefined || ceilQuantity(step) <= 0n) return true
    return (ceilQuantity(amount) - ceilQuantity(min)) % ceilQuantity(step) === 0n
  }
  return validValues.length === 0 || validValues.some((value) => compareQuantity(amount, value) === 0)
}

/** Counts what is taken of capacities that several claims share. */
export interface CapacityLedger {
  /** Whether anybody has a share of the device. */
  isShared(id: string): boolean
  /** What a share of the device takes, noted as taken; undefined, and nothing changed, where it cannot be had. */
  take(id: string, device: Device, requests: CapacityAmounts): CapacityAmounts | undefined
  giveBack(id: string, amounts: CapacityAmounts): void
}

/** A ledger over what was taken before. */
export function openCapacities(consumedBefore: (id: string) => ConsumedCapacity | undefined): CapacityLedger {
  const taken = new Map<string, { shares: number; amounts: Map<string, bigint> }>()

  function change(id: string, amounts: CapacityAmounts, sign: 1 | -1): void {
    const now = taken.get(id) ?? { shares: 0, amounts: new Map<string, bigint>() }
    for (const [name, amount] of Object.entries(amounts)) {
      now.amounts.set(name, (now.amounts.get(name) ?? 0n) + BigInt(sign) * (parseNano(amount) ?? 0n))
    }
    taken.set(id, { ...now, shares: now.shares + sign })
  }

  return {
    isShared: (id) => consumedBefore(id) !== undefined || (taken.get(id)?.shares ?? 0) > 0,
    take(id, device, requests) {
      const amounts = amountsOf(device, requests)
      if (!amounts) return undefined
      for (const [name, { value }] of Object.entries(device.capacity ?? {})) {
        const used = (consumedBefore(id)?.get(name) ?? 0n) + (taken.get(id)?.amounts.get(name) ?? 0n)
        if (used + (parseNano(amounts[name] ?? '0') ?? 0n) > (parseNano(value) ?? 0n)) return undefined
      }
      // A device that is given as a whole is nobody else's, whatever its capacities.
      if (device.allowMultipleAllocations) change(id, amounts, 1)
      return amounts
    },
    giveBack: (id, amounts) => change(id, amounts, -1),
  }
}
