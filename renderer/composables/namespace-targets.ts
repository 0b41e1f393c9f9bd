import type { LiveRow, LiveTarget } from '../../core/api/live.ts'

/** Up to so many namespaces get a subscription each; more are one list of all, filtered here. */
const separateNamespaces = 4

function isSeparate(namespaces: readonly string[]): boolean {
  return namespaces.length > 0 && namespaces.length <= separateNamespaces
}

/**
 * The lists that hold a namespaced kind's objects in some namespaces (none: in all). A few namespaces are asked for one by one, which
 * a user may do who may not list them all.
 */
export function targetsIn(target: LiveTarget, namespaces: readonly string[]): LiveTarget[] {
  return isSeparate(namespaces) ? namespaces.map((namespace) => ({ ...target, namespace })) : [target]
}

/** Which rows of those lists belong to the namespaces. */
export function rowsIn(namespaces: readonly string[]): (row: LiveRow) => boolean {
  if (!namespaces.length || isSeparate(namespaces)) return () => true
  const wanted = new Set(namespaces)
  return (row) => wanted.has(row.namespace ?? '')
}
