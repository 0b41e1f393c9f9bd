import { formatBytes, quantityValue } from '../../api/quantity.ts'
import { amountOf } from '../eviction/thresholds.ts'
import type { Threshold } from '../eviction/thresholds.ts'

/** The signals whose hard thresholds are kept from pods, and the resources they are about. */
const reserved = [
  ['memory.available', 'memory'],
  ['nodefs.available', 'ephemeral-storage'],
] as const

/**
 * What of a node's capacity pods may ask for: all but what has to stay free, as pods would be evicted otherwise (upstream:
 * kubelet/cm GetNodeAllocatableReservation, which by default reserves nothing else).
 */
export function nodeAllocatable(
  capacity: Record<string, string>,
  thresholds: readonly Threshold[],
): Record<string, string> {
  const allocatable = { ...capacity }
  for (const [signal, resource] of reserved) {
    const hard = thresholds.findLast((one) => one.signal === signal && one.graceMs === undefined)
    if (!hard) continue
    const all = quantityValue(capacity[resource])
    allocatable[resource] = formatBytes(Math.max(0, all - amountOf(hard.value, all)))
  }
  return allocatable
}
