/** What every status condition has in common. */
export interface StatusCondition {
  type: string
  status: string
  reason?: string
  message?: string
  lastTransitionTime?: string
}

/** Which version of a pod's spec a condition of it goes by (upstream: PodObservedGenerationTracking). */
export function observedGenerationOf({ metadata: { generation } }: { metadata: { generation?: number } }): {
  observedGeneration?: number
} {
  return generation === undefined ? {} : { observedGeneration: generation }
}

/** The condition of this type, if any. */
export function findCondition<C extends StatusCondition>(
  conditions: C[] | undefined,
  type: string,
): C | undefined {
  return conditions?.find((condition) => condition.type === type)
}

/** Whether a condition of this type is `True`. */
export function isConditionTrue(conditions: StatusCondition[] | undefined, type: string): boolean {
  return findCondition(conditions, type)?.status === 'True'
}

/**
 * A new list with `condition` in place of its type's old one. `lastTransitionTime` becomes `now` (RFC 3339) only when
 * the status changed. Returns the same list when nothing differs, so callers can skip a write.
 */
export function setCondition<C extends StatusCondition>(
  conditions: C[] | undefined,
  condition: C,
  now: string,
): C[] {
  const list = conditions ?? []
  const old = findCondition(list, condition.type)
  if (!old) return [...list, { ...condition, lastTransitionTime: now }]
  const same = old.status === condition.status
  if (same && old.reason === condition.reason && old.message === condition.message) return list
  const next = { ...old, ...condition, lastTransitionTime: same ? (old.lastTransitionTime ?? now) : now }
  return list.map((entry) => (entry === old ? next : entry))
}
