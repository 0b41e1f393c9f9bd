import type { LiveRow } from '../../core/api/live.ts'

/** When the event of a row was last seen; its creation where the row does not say. */
export function lastSeenOf(row: LiveRow): string {
  const data = row.data as { lastSeen?: string } | undefined
  return data?.lastSeen || row.createdAt || ''
}
