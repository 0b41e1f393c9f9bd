import type { Resource } from '../api/gvk.ts'
import type { KubeObject } from '../api/meta.ts'
import type { Clock } from '../util/clock.ts'
import type { Logger } from '../util/logger.ts'
import type { Client, Selection } from './client.ts'
import { createInformer, type Informer } from './informer.ts'

/** One informer per resource and selection, shared by all who ask for it. */
export interface InformerFactory extends Disposable {
  /** The shared informer; started at once when the factory is. */
  informer<T extends KubeObject>(resource: Resource<T>, selection?: Selection): Informer<T>
  /** Starts every informer asked for so far, and later ones as they are asked for. */
  start(): void
  /** Resolves when every informer asked for so far has its first list. */
  whenSynced(): Promise<void>
  /** Stops and forgets the informer of a resource that is served no more. */
  forget(resource: Resource, selection?: Selection): void
}

function cacheKey({ group, version, resource }: Resource, selection: Selection): string {
  return JSON.stringify([
    group,
    version,
    resource,
    selection.namespace,
    selection.labelSelector,
    selection.fieldSelector,
  ])
}

/** A factory over one client. Dispose stops all its informers. */
export function createInformerFactory(options: {
  client: Client
  clock: Clock
  log: Logger
  random?: () => number
}): InformerFactory {
  const informers = new Map<string, Informer<KubeObject>>()
  let started = false
  return {
    informer<T extends KubeObject>(resource: Resource<T>, selection: Selection = {}): Informer<T> {
      const key = cacheKey(resource, selection)
      const found = informers.get(key)
      // The key names the resource, so the type is that resource's.
      if (found) return found as unknown as Informer<T>
      const informer = createInformer<T>({ ...options, resource, selection })
      informers.set(key, informer as unknown as Informer<KubeObject>)
      if (started) informer.start()
      return informer
    },
    start() {
      started = true
      for (const informer of informers.values()) informer.start()
    },
    async whenSynced() {
      await Promise.all([...informers.values()].map((informer) => informer.whenSynced()))
    },
    forget(resource, selection = {}) {
      const key = cacheKey(resource, selection)
      informers.get(key)?.[Symbol.dispose]()
      informers.delete(key)
    },
    [Symbol.dispose]() {
      for (const informer of informers.values()) informer[Symbol.dispose]()
      informers.clear()
    },
  }
}
