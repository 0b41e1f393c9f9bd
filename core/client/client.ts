import type { Resource } from '../api/gvk.ts'
import type { KubeList, KubeObject, LabelSelector } from '../api/meta.ts'
import { formatRequirements, requirementsOf } from '../api/selectors.ts'
import type { ApiCall, PatchType, Transport, WatchEvent } from './transport.ts'

/** Which object: `namespace` only for namespaced resources. */
export interface ObjectName {
  namespace?: string
  name: string
}

/** Which objects of a resource. No namespace means all of them. */
export interface Selection {
  namespace?: string
  /** Text (`a=b,c in (d)`) or the object form. */
  labelSelector?: string | LabelSelector
  fieldSelector?: string
}

export interface ListOptions extends Selection {
  /** `0`: any state the server has at hand; absent: the newest. */
  resourceVersion?: string
  resourceVersionMatch?: 'Exact' | 'NotOlderThan'
  limit?: number
  continue?: string
  signal?: AbortSignal
}

export interface WatchOptions extends Selection {
  resourceVersion?: string
  allowWatchBookmarks?: boolean
  timeoutSeconds?: number
  signal: AbortSignal
}

export interface WriteOptions {
  dryRun?: boolean
  fieldManager?: string
}

export interface PatchOptions extends WriteOptions {
  type: PatchType
  body: unknown
  subresource?: string
  /** Only for `apply`: take over fields that others own. */
  force?: boolean
}

/** How to delete (upstream: metav1.DeleteOptions). */
export interface DeleteOptions {
  gracePeriodSeconds?: number
  propagationPolicy?: 'Orphan' | 'Background' | 'Foreground'
  preconditions?: { uid?: string; resourceVersion?: string }
  dryRun?: boolean
}

/** autoscaling/v1 Scale, as `/scale` carries it. */
export interface Scale extends KubeObject {
  spec?: { replicas?: number }
  status?: { replicas: number; selector?: string }
}

/**
 * Typed access to an API server over a transport. Every failure is a StatusError. Objects that come back may be the
 * store's own: never mutate them, take a `draft` first. Objects handed in are not kept and not changed.
 */
export interface Client {
  readonly transport: Transport
  get<T extends KubeObject>(resource: Resource<T>, ref: ObjectName): Promise<T>
  list<T extends KubeObject>(resource: Resource<T>, options?: ListOptions): Promise<KubeList<T>>
  create<T extends KubeObject>(resource: Resource<T>, object: T, options?: WriteOptions): Promise<T>
  /** Replaces the object; its resourceVersion, when set, must be the current one. */
  update<T extends KubeObject>(resource: Resource<T>, object: T, options?: WriteOptions): Promise<T>
  updateStatus<T extends KubeObject>(resource: Resource<T>, object: T, options?: WriteOptions): Promise<T>
  patch<T extends KubeObject>(resource: Resource<T>, ref: ObjectName, options: PatchOptions): Promise<T>
  /** Resolves once the server accepted the deletion; the object may live on behind finalizers or a grace period. */
  delete<T extends KubeObject>(resource: Resource<T>, ref: ObjectName, options?: DeleteOptions): Promise<void>
  deleteCollection<T extends KubeObject>(
    resource: Resource<T>,
    selection: Selection,
    options?: DeleteOptions,
  ): Promise<void>
  /** Reads a subresource such as `scale`. */
  getSubresource<R extends KubeObject>(
    resource: Resource,
    ref: ObjectName & { subresource: string },
  ): Promise<R>
  /** Replaces a subresource such as `scale` or a Namespace's `finalize`. */
  updateSubresource<R extends KubeObject>(
    resource: Resource,
    ref: ObjectName & { subresource: string },
    body: KubeObject,
  ): Promise<R>
  /** Creates a subresource: `binding`, `eviction`, `token`. */
  createSubresource<R extends KubeObject>(
    resource: Resource,
    ref: ObjectName & { subresource: string },
    body: KubeObject,
  ): Promise<R>
  getScale(resource: Resource, ref: ObjectName): Promise<Scale>
  updateScale(resource: Resource, ref: ObjectName, replicas: number): Promise<Scale>
  /** See Transport.watch. */
  watch<T extends KubeObject>(
    resource: Resource<T>,
    options: WatchOptions,
    onEvents: (events: WatchEvent<T>[]) => void,
  ): Promise<void>
}

/** Label selector as query text. */
function selectorText(selector: string | LabelSelector): string {
  return typeof selector === 'string' ? selector : formatRequirements(requirementsOf(selector))
}

function selectionQuery(selection: Selection): Record<string, string> {
  const query: Record<string, string> = {}
  if (selection.labelSelector !== undefined) {
    const text = selectorText(selection.labelSelector)
    if (text) query.labelSelector = text
  }
  if (selection.fieldSelector) query.fieldSelector = selection.fieldSelector
  return query
}

function writeQuery(options: WriteOptions | undefined): Record<string, string> {
  const query: Record<string, string> = {}
  if (options?.dryRun) query.dryRun = 'All'
  if (options?.fieldManager) query.fieldManager = options.fieldManager
  return query
}

function place(object: KubeObject): { namespace?: string; name: string } {
  const { namespace, name } = object.metadata
  return namespace === undefined ? { name } : { namespace, name }
}

/** The wire form of an object: `apiVersion` and `kind` filled in from the resource. */
function typed<T extends KubeObject>(resource: Resource<T>, object: T): T {
  if (object.apiVersion && object.kind) return object
  const apiVersion = resource.group ? `${resource.group}/${resource.version}` : resource.version
  return { ...object, apiVersion, kind: resource.kind }
}

function deleteBody(options: DeleteOptions | undefined): unknown {
  if (!options) return undefined
  const { dryRun, ...rest } = options
  return { kind: 'DeleteOptions', apiVersion: 'v1', ...rest, ...(dryRun ? { dryRun: ['All'] } : {}) }
}

/** A client over a transport, in process or HTTPS. */
export function createClient(transport: Transport): Client {
  const one = <T>(call: ApiCall): Promise<T> => transport.call(call) as Promise<T>

  return {
    transport,
    get: (resource, ref) => one({ verb: 'get', resource, ...ref }),
    list(resource, options = {}) {
      const query = selectionQuery(options)
      if (options.resourceVersion !== undefined) query.resourceVersion = options.resourceVersion
      if (options.resourceVersionMatch) query.resourceVersionMatch = options.resourceVersionMatch
      if (options.limit !== undefined) query.limit = String(options.limit)
      if (options.continue) query.continue = options.continue
      const call: ApiCall = { verb: 'list', resource, query }
      if (options.namespace !== undefined) call.namespace = options.namespace
      if (options.signal) call.signal = options.signal
      return one(call)
    },
    create(resource, object, options) {
      const { namespace } = object.metadata
      const call: ApiCall = {
        verb: 'create',
        resource,
        body: typed(resource, object),
        query: writeQuery(options),
      }
      if (namespace !== undefined) call.namespace = namespace
      return one(call)
    },
    update: (resource, object, options) =>
      one({
        verb: 'update',
        resource,
        ...place(object),
        body: typed(resource, object),
        query: writeQuery(options),
      }),
    updateStatus: (resource, object, options) =>
      one({
        verb: 'update',
        resource,
        ...place(object),
        subresource: 'status',
        body: typed(resource, object),
        query: writeQuery(options),
      }),
    patch(resource, ref, options) {
      const query = writeQuery(options)
      if (options.force !== undefined) query.force = String(options.force)
      const call: ApiCall = {
        verb: 'patch',
        resource,
        ...ref,
        body: options.body,
        patchType: options.type,
        query,
      }
      if (options.subresource) call.subresource = options.subresource
      return one(call)
    },
    async delete(resource, ref, options) {
      await transport.call({ verb: 'delete', resource, ...ref, body: deleteBody(options) })
    },
    async deleteCollection(resource, selection, options) {
      const call: ApiCall = {
        verb: 'deletecollection',
        resource,
        query: selectionQuery(selection),
        body: deleteBody(options),
      }
      if (selection.namespace !== undefined) call.namespace = selection.namespace
      await transport.call(call)
    },
    getSubresource: (resource, ref) => one({ verb: 'get', resource, ...ref }),
    updateSubresource: (resource, ref, body) => one({ verb: 'update', resource, ...ref, body }),
    createSubresource: (resource, ref, body) => one({ verb: 'create', resource, ...ref, body }),
    getScale: (resource, ref) => one({ verb: 'get', resource, ...ref, subresource: 'scale' }),
    updateScale(resource, ref, replicas) {
      const body = { apiVersion: 'autoscaling/v1', kind: 'Scale', metadata: ref, spec: { replicas } }
      return one({ verb: 'update', resource, ...ref, subresource: 'scale', body })
    },
    watch(resource, options, onEvents) {
      const query = selectionQuery(options)
      if (options.resourceVersion !== undefined) query.resourceVersion = options.resourceVersion
      if (options.allowWatchBookmarks) query.allowWatchBookmarks = 'true'
      if (options.timeoutSeconds !== undefined) query.timeoutSeconds = String(options.timeoutSeconds)
      const call = { resource, query, signal: options.signal }
      return transport.watch(
        options.namespace === undefined ? call : { ...call, namespace: options.namespace },
        onEvents as (events: WatchEvent[]) => void,
      )
    },
  }
}
