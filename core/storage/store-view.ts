import type { Store } from './store.ts'

/** What a view leaves to the store that it shows. */
type LeftToStore = Pick<
  Store,
  'revision' | 'compactedRevision' | 'acceptsAhead' | 'reach' | 'compact' | 'close'
>

/** What a view does in its own way. */
type OwnOfView = Omit<Store, keyof LeftToStore> & Partial<LeftToStore>

/**
 * A store that reads and writes another in its own way; revisions, compaction and closing are the other's. `More` is what it can
 * do beyond a store.
 */
export function createStoreView<More extends object = object>(
  store: Store,
  own: OwnOfView & More,
): Store & More {
  const left: LeftToStore = {
    get revision() {
      return store.revision
    },
    get compactedRevision() {
      return store.compactedRevision
    },
    acceptsAhead: store.acceptsAhead,
    reach: (revision) => store.reach(revision),
    compact: (revision) => store.compact(revision),
    close: () => store.close(),
  }
  return Object.assign(left, own)
}
