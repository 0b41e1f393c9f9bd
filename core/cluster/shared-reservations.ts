import type { KubeObject } from '../api/meta.ts'
import type { SharedReservations } from '../admission/service-node-ports.ts'
import { RevisionMismatchError, type Store } from '../storage/store.ts'
import type { Clock } from '../util/clock.ts'

/** Under the name of upstream's allocation map; nothing serves it. */
const key = '/core/rangeallocations/services'
/** As long as a request may take at most. */
const keptMs = 60_000

interface Reservations extends KubeObject {
  /** Who has a port, and until when it may not be seen stored. */
  taken: Record<string, { owner: string; until: number }>
}

/**
 * Which node ports API servers over one store have given to Services that are not stored yet. A claim is one atomic write, so of two servers
 * that want one value at once exactly one gets it.
 */
export function createSharedReservations(store: Store, clock: Clock): SharedReservations {
  const object = (taken: Reservations['taken']): Reservations => ({
    apiVersion: 'v1',
    kind: 'RangeAllocation',
    metadata: { name: 'services' },
    taken,
  })
  return {
    async claim(values, owner) {
      const conflicts = new Map<string, string>()
      const claimed = (current: Reservations['taken']): Reservations['taken'] => {
        const now = clock.now()
        conflicts.clear()
        const kept = Object.entries(current).filter(([, { until }]) => until > now)
        const taken = Object.fromEntries(kept)
        for (const value of values) {
          const holder = taken[value]?.owner
          if (holder !== undefined && holder !== owner) conflicts.set(value, holder)
          taken[value] = { owner, until: now + keptMs }
        }
        return taken
      }
      const change = (): Promise<unknown> =>
        store.update(key, ({ object: current }) => {
          const taken = claimed((current as Reservations).taken)
          return conflicts.size > 0 ? current : object(taken)
        })
      try {
        await change()
      } catch (error) {
        if (!(error instanceof RevisionMismatchError)) throw error
        // Nobody has claimed anything yet; whoever comes first makes the map.
        await store.create(key, object({})).catch((failure: unknown) => {
          if (!(failure instanceof RevisionMismatchError)) throw failure
        })
        await change()
      }
      return conflicts
    },
    async release(owner) {
      try {
        await store.update(key, ({ object: current }) => {
          const { taken } = current as Reservations
          const kept = Object.entries(taken).filter(([, claim]) => claim.owner !== owner)
          return kept.length === Object.keys(taken).length ? current : object(Object.fromEntries(kept))
        })
      } catch (error) {
        if (!(error instanceof RevisionMismatchError)) throw error
      }
    },
  }
}
