import type { Resource } from '../api/gvk.ts'
import type { KubeList, KubeObject } from '../api/meta.ts'
import type { Client, ObjectName } from './client.ts'
import type { InformerFactory } from './informer-factory.ts'

/** What is read of a cluster without asking for it each time. Objects are shared and must not be mutated. */
export interface InformedReader {
  get: Client['get']
  /** Of one namespace, or of all. */
  list<T extends KubeObject>(resource: Resource<T>, options?: { namespace?: string }): Promise<KubeList<T>>
}

/**
 * Reads some resources from informers, as upstream's admission plugins do, and everything else through the client: also
 * what is not listed yet and, so that a NotFound is the server's own, an object that is not there. In the server's process
 * an informer hears of a write before the writer is answered, so that it is as new as a read; elsewhere it may be behind.
 */
export function createInformedReader(
  client: Client,
  informers: InformerFactory,
  followed: readonly Resource<KubeObject>[],
): InformedReader {
  const known = new Map(followed.map((resource) => [resource, informers.informer(resource)]))
  const synced = (resource: Resource<KubeObject>) => {
    const informer = known.get(resource)
    return informer?.hasSynced() ? informer : undefined
  }
  return {
    async get<T extends KubeObject>(resource: Resource<T>, ref: ObjectName): Promise<T> {
      const key = ref.namespace === undefined ? ref.name : `${ref.namespace}/${ref.name}`
      const found = synced(resource)?.store.get(key)
      return found ? (found as T) : client.get(resource, ref)
    },
    async list<T extends KubeObject>(
      resource: Resource<T>,
      options: { namespace?: string } = {},
    ): Promise<KubeList<T>> {
      const informer = synced(resource)
      if (!informer) return client.list(resource, options)
      const { store, resourceVersion } = informer
      return { metadata: { resourceVersion }, items: store.inNamespace(options.namespace) as T[] }
    },
  }
}
