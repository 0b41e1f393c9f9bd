import type { Clock } from '../../util/clock.ts'

const firstMs = 1000
const maxMs = 15 * 60_000

/** Slows the replacement of pods that fail again and again on a node (upstream: failedPodsBackoff). */
export interface FailedPodsBackoff {
  /** Milliseconds until a failed pod on this node may be replaced; 0 counts a replacement. */
  delay(key: string): number
}

/** One second, doubling to 15 minutes; quiet for twice the maximum, a key starts over. */
export function createFailedPodsBackoff(clock: Clock): FailedPodsBackoff {
  const entries = new Map<string, { waitMs: number; since: number }>()
  return {
    delay(key) {
      const now = clock.now()
      const entry = entries.get(key)
      if (entry && now < entry.since + entry.waitMs) return entry.since + entry.waitMs - now
      const isFresh = !entry || now > entry.since + 2 * maxMs
      entries.set(key, { waitMs: isFresh ? firstMs : Math.min(entry.waitMs * 2, maxMs), since: now })
      return 0
    },
  }
}
