import type { Clock } from '../util/clock.ts'

/**
 * Exponential back-off per key (upstream: client-go util/flowcontrol Backoff): the first failure waits `initialMs`, each
 * further one twice as long up to `maxMs`; a key that stayed quiet for twice `maxMs` starts anew.
 */
export interface Backoff {
  /** Milliseconds still to wait, counted from `eventAt` (ms since the epoch); 0 when the next try may start. */
  remainingMs(key: string, eventAt: number): number
  /** The current waiting time of a key; 0 before its first failure. */
  currentMs(key: string): number
  /** Notes a try for an event at `eventAt`: sets the waiting time that follows it. */
  next(key: string, eventAt: number): void
  /** Forgets all keys that start with `prefix`. */
  forget(prefix: string): void
}

interface Entry {
  delayMs: number
  updatedAt: number
}

/** Waiting times of container restarts and image pulls in Kubernetes. */
export const kubeletBackoff = { initialMs: 10_000, maxMs: 300_000 }

/** A Backoff on this clock. */
export function createBackoff(options: { clock: Clock; initialMs: number; maxMs: number }): Backoff {
  const { clock, initialMs, maxMs } = options
  const entries = new Map<string, Entry>()
  const isExpired = (entry: Entry, eventAt: number): boolean => eventAt - entry.updatedAt > maxMs * 2
  return {
    remainingMs(key, eventAt) {
      const entry = entries.get(key)
      if (!entry || isExpired(entry, eventAt)) return 0
      return Math.max(0, eventAt + entry.delayMs - clock.now())
    },
    currentMs: (key) => entries.get(key)?.delayMs ?? 0,
    next(key, eventAt) {
      const entry = entries.get(key)
      const delayMs = !entry || isExpired(entry, eventAt) ? initialMs : Math.min(entry.delayMs * 2, maxMs)
      entries.set(key, { delayMs, updatedAt: clock.now() })
    },
    forget(prefix) {
      for (const key of entries.keys()) if (key.startsWith(prefix)) entries.delete(key)
    },
  }
}
