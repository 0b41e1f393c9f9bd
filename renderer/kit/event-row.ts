import type { LiveRow } from '../../core/api/live.ts'

/** When the event of a row was last seen; its creation where the row does not say. */
export function lastSeenOf(row: LiveRow): string {
  const data = row.data as { lastSeen?: string } | undefined
  return data?.lastSeen || row.createdAt || ''
}

/** The object the event of a row is about, if the row says. */
export function involvedOf(row: LiveRow): { kind: string; name: string; namespace?: string } | undefined {
  const { object } = (row.data ?? {}) as { object?: { kind?: string; name?: string; namespace?: string } }
  if (!object?.kind || !object.name) return undefined
  return {
    kind: object.kind,
    name: object.name,
    ...(object.namespace ? { namespace: object.namespace } : {}),
  }
}
