import type { KubeObject } from '../api/meta.ts'

/** One change seen by a watch: `current` is missing after a deletion, `previous` before a creation. */
export interface ObjectChange<T> {
  previous?: T
  current?: T
}

/** What the network needs of an informer: all objects of one kind, kept up to date. */
export interface ObjectSource<T extends KubeObject = KubeObject> {
  list(): Iterable<T>
  /** Tells every change from now on, in order. */
  onChange(listener: (change: ObjectChange<T>) => void): Disposable
  /** Resolves once the first list is in. */
  readonly synced: Promise<unknown>
}
