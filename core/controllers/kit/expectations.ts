import type { Clock } from '../../util/clock.ts'

/** Upstream: controller.ExpectationsTimeout. */
const timeoutMs = 300_000

interface Expected {
  creations: number
  /** Uids whose deletion is yet to be seen. */
  deletions: Set<string>
  at: number
}

/**
 * Remembers, per controller key, the creations and deletions that were asked for but not yet seen by the informer, so
 * that a stale picture does not lead to doing them twice (upstream: controller.UIDTrackingControllerExpectations).
 * Unmet expectations are dropped after five minutes.
 */
export interface Expectations {
  /** Whether everything expected was seen (or there is nothing, or it is too long ago). */
  satisfied(key: string): boolean
  expectCreations(key: string, count: number): void
  expectDeletions(key: string, uids: string[]): void
  /** A creation was seen, or failed. */
  creationObserved(key: string): void
  /** A deletion was seen, or failed. */
  deletionObserved(key: string, uid: string): void
  forget(key: string): void
}

/** Empty expectations. */
export function createExpectations(clock: Clock): Expectations {
  const byKey = new Map<string, Expected>()

  function expected(key: string): Expected {
    let entry = byKey.get(key)
    if (!entry) byKey.set(key, (entry = { creations: 0, deletions: new Set(), at: clock.now() }))
    entry.at = clock.now()
    return entry
  }

  return {
    satisfied(key) {
      const entry = byKey.get(key)
      if (!entry) return true
      const met = entry.creations <= 0 && entry.deletions.size === 0
      return met || clock.now() - entry.at > timeoutMs
    },
    expectCreations(key, count) {
      expected(key).creations = count
    },
    expectDeletions(key, uids) {
      expected(key).deletions = new Set(uids)
    },
    creationObserved(key) {
      const entry = byKey.get(key)
      if (entry && entry.creations > 0) entry.creations -= 1
    },
    deletionObserved(key, uid) {
      byKey.get(key)?.deletions.delete(uid)
    },
    forget: (key) => void byKey.delete(key),
  }
}
