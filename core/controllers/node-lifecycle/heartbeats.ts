import type { Clock } from '../../util/clock.ts'

/** When each node last gave a sign of life, by this process's own clock. */
export interface Heartbeats extends Disposable {
  /** Notes a sign; it counts only when its value is another than last time. */
  saw(node: string, source: 'lease' | 'status', value: string | undefined): void
  /** How long the node has been silent; a node never heard of begins at zero. */
  silentForMs(node: string): number
  forget(node: string): void
}

/** How often the clock itself is checked for a gap. */
const checkPeriodMs = 5_000

/**
 * Heartbeats that allow for a machine that slept: when the clock jumps by more than half the grace period, nobody could
 * have given a sign, and all nodes begin anew.
 */
export function createHeartbeats({ clock, graceMs }: { clock: Clock; graceMs: number }): Heartbeats {
  const seen = new Map<string, { at: number; values: Map<string, string | undefined> }>()
  let checkedAt = clock.now()

  function allowForGap(): void {
    const now = clock.now()
    const gap = now - checkedAt - checkPeriodMs
    checkedAt = now
    if (gap > graceMs / 2) for (const entry of seen.values()) entry.at = now
  }
  const timer = clock.every(checkPeriodMs, allowForGap)

  function entryOf(node: string): { at: number; values: Map<string, string | undefined> } {
    let entry = seen.get(node)
    if (!entry) seen.set(node, (entry = { at: clock.now(), values: new Map() }))
    return entry
  }

  return {
    saw(node, source, value) {
      const entry = entryOf(node)
      if (value === undefined || entry.values.get(source) === value) return
      entry.values.set(source, value)
      entry.at = clock.now()
    },
    silentForMs(node) {
      const now = clock.now()
      if (now - checkedAt > checkPeriodMs + graceMs / 2) allowForGap()
      return now - entryOf(node).at
    },
    forget: (node) => void seen.delete(node),
    [Symbol.dispose]: () => timer[Symbol.dispose](),
  }
}
