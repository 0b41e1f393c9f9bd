import type { GroupVersionResource } from '../api/gvk.ts'
import type { KubeList, KubeObject } from '../api/meta.ts'

export type PatchType = 'json' | 'merge' | 'strategic' | 'apply'

/** One API request, free of HTTP: what both transports carry. */
export interface ApiCall {
  verb: 'get' | 'list' | 'create' | 'update' | 'patch' | 'delete' | 'deletecollection'
  resource: GroupVersionResource
  namespace?: string
  name?: string
  subresource?: string
  /** Query parameters by their API names: labelSelector, fieldSelector, resourceVersion, limit, dryRun … */
  query?: Record<string, string>
  body?: unknown
  patchType?: PatchType
  signal?: AbortSignal
}

export interface WatchCall {
  resource: GroupVersionResource
  namespace?: string
  query?: Record<string, string>
  signal: AbortSignal
}

export type WatchEventType = 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK'

export interface WatchEvent<T extends KubeObject = KubeObject> {
  type: WatchEventType
  object: T
}

/**
 * How a client reaches an API server: in process (`core/server/local-transport.ts`, no serialisation; answers are the
 * store's own frozen objects and must not be mutated) or over HTTPS. Failures are StatusErrors on both.
 */
export interface Transport {
  /** Items of lists have their kind and apiVersion. */
  call(call: ApiCall): Promise<KubeObject | KubeList>
  /**
   * Streams events until the signal aborts or the server ends it; resolves at a normal end, rejects with a StatusError
   * (410 Expired when the revision is gone). Events arrive in batches of at least one, in order.
   */
  watch(call: WatchCall, onEvents: (events: WatchEvent[]) => void): Promise<void>
}
