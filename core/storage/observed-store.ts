import { StorageFailureError, type Store } from './store.ts'
import { createStoreView } from './store-view.ts'

/** Upstream's names (apiserver/pkg/storage/etcd3). */
export type StoreOperation = 'get' | 'list' | 'create' | 'update' | 'delete'

/** Is told of each operation once it is done; `failed`: the storage could not carry it out, as against a conflict. */
export type StoreObserver = (
  operation: StoreOperation,
  key: string,
  took: { ms: number; failed: boolean },
) => void

/** A store whose operations are told to an observer. */
export function createObservedStore(store: Store, observe: StoreObserver): Store {
  function observed<T>(operation: StoreOperation, key: string, work: Promise<T>): Promise<T> {
    const begin = performance.now()
    const ended = (error?: unknown): void =>
      observe(operation, key, { ms: performance.now() - begin, failed: error instanceof StorageFailureError })
    work.then(() => ended(), ended)
    return work
  }
  return createStoreView(store, {
    get: (key) => observed('get', key, store.get(key)),
    getAt: (key, revision) => observed('get', key, store.getAt(key, revision)),
    list: (prefix, options) => observed('list', prefix, store.list(prefix, options)),
    create: (key, object) => observed('create', key, store.create(key, object)),
    update: (key, change) => observed('update', key, store.update(key, change)),
    delete: (key, check) => observed('delete', key, store.delete(key, check)),
    watch: (prefix, fromRevision, listener) => store.watch(prefix, fromRevision, listener),
  })
}
