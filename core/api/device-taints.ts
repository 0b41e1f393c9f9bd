import type { DeviceTaint, DeviceToleration } from './generated/resource-v1.ts'

/** Whether the toleration covers the taint (upstream: dynamic-resource-allocation/resourceclaim ToleratesTaint). */
export function toleratesDevice(
  toleration: DeviceToleration,
  { effect, key, value = '' }: DeviceTaint,
): boolean {
  if (toleration.effect && toleration.effect !== effect) return false
  if (toleration.key && toleration.key !== key) return false
  return toleration.operator === 'Exists' || (toleration.value ?? '') === value
}
