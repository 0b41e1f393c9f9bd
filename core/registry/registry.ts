import type { DecodeProblems } from './schema/duplicate-keys.ts'
import type { GroupVersionKind } from '../api/gvk.ts'
import type { KubeObject } from '../api/meta.ts'
import type { RequestContext } from '../api/request.ts'
import type { Entry } from '../storage/store.ts'
import type { KindDefinition } from './kind.ts'

/**
 * The generic registry: every kind is served through it, by its KindDefinition alone. It does schema checks, defaults,
 * admission, validation, patches, deletion semantics and list and watch semantics; the server adds HTTP, the local
 * transport adds nothing. All failures are StatusErrors.
 */
export interface Registry {
  /** Every served kind, in discovery order. */
  kinds(): KindDefinition[]
  /**
   * Serves these kinds beside the built-in ones, in place of those of the call before; a definition that is the same
   * object stays as it is. Watches of kinds that are gone or changed end.
   */
  setCustomKinds(definitions: readonly KindDefinition[]): void
  /** Tells whenever other kinds are served than before. */
  onKindsChanged(listener: () => void): Disposable
  /** The resource, or undefined when nothing serves it. */
  resource(group: string, version: string, resource: string): ResourceRegistry | undefined
  /** Newest committed revision. */
  readonly revision: number
}

export interface ReadOptions {
  resourceVersion?: string
  resourceVersionMatch?: string
}

export interface ListQuery extends ReadOptions {
  namespace?: string
  labelSelector?: string
  fieldSelector?: string
  limit?: number
  continue?: string
  /** Only a watch may ask for them; a list that does is refused. */
  sendInitialEvents?: boolean
}

export interface ListPage {
  entries: Entry[]
  resourceVersion: string
  continue?: string
  remainingItemCount?: number
}

export interface WatchQuery extends ReadOptions {
  namespace?: string
  labelSelector?: string
  fieldSelector?: string
  allowWatchBookmarks?: boolean
  sendInitialEvents?: boolean
  timeoutSeconds?: number
  /** Only a list goes on by a token; a watch does not read it. */
  continue?: string
}

export interface RegistryEvent {
  type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK'
  /** For BOOKMARK an object of the kind with only `metadata.resourceVersion` (and the initial-events-end mark). */
  object: KubeObject
  /** The object's JSON; shared between watchers. */
  bytes: Uint8Array
}

export interface RegistryWatchListener {
  onEvents(events: RegistryEvent[]): void
  /** Normal end (timeout) without an error, or a StatusError such as 410. */
  onEnd(error?: Error): void
}

export interface WriteOptions {
  context: RequestContext
  /** `status`, `scale` or one the kind names. */
  subresource?: string
  fieldValidation?: 'Strict' | 'Warn' | 'Ignore'
  /** The server's own write, past which the owners of fields stay as they are. */
  keepsOwners?: boolean
  /** Whether admission has had its say: of a request that this write is a part of, such as an eviction. */
  isAdmitted?: boolean
  /** Asked before an update or apply creates the object; throws when the caller may not create. */
  authorizeCreate?: () => Promise<void>
  /** Problems the decoder saw (duplicate keys, unknown protobuf fields), judged by `fieldValidation`. */
  decodeProblems?: DecodeProblems
}

export interface WriteResult {
  object: KubeObject
  /** The object's JSON where the store has it; whoever sends what is not stored, or gone, writes it then. */
  bytes: Uint8Array | undefined
  /** PUT or apply that created the object. */
  created?: boolean
}

export type PatchBody =
  | { type: 'json'; operations: unknown }
  | { type: 'merge' | 'strategic' | 'apply'; patch: unknown; force?: boolean }

/** DeleteOptions of the wire, decoded. */
export interface DeleteRequest {
  gracePeriodSeconds?: number
  propagationPolicy?: 'Orphan' | 'Background' | 'Foreground'
  preconditions?: { uid?: string; resourceVersion?: string }
}

export interface DeleteResult {
  /** The last state, or the state with deletionTimestamp set. */
  object: KubeObject
  /** As of a WriteResult. */
  bytes: Uint8Array | undefined
  /** Whether it is gone already; false while finalizers or a grace period hold it. */
  gone: boolean
}

/** A request to a subresource that the registry does not serve itself, for admission to judge. */
export type SubresourceRequest = ConnectRequest | CreateRequest

interface ConnectRequest {
  operation: 'CONNECT'
  subresource: string
  /** The options of the connection as an object, e.g. PodExecOptions. */
  object: KubeObject
  kind: GroupVersionKind
  context: RequestContext
}

interface CreateRequest {
  operation: 'CREATE'
  subresource: string
  /** The body as it was sent; it is read as its kind first. */
  object: KubeObject
  kind: GroupVersionKind
  options: WriteOptions
  /** What the subresource itself has to say, between mutating admission and that which may only refuse. */
  check(body: KubeObject): void | Promise<void>
}

export interface ResourceRegistry {
  readonly definition: KindDefinition
  get(
    namespace: string | undefined,
    name: string,
    options?: ReadOptions & { subresource?: string },
  ): Promise<WriteResult>
  list(query: ListQuery): Promise<ListPage>
  /** How many objects there are, in all namespaces. */
  count(): Promise<number>
  watch(query: WatchQuery, listener: RegistryWatchListener): Promise<{ close(): void }>
  create(namespace: string | undefined, object: KubeObject, options: WriteOptions): Promise<WriteResult>
  /** Creation of a named subresource such as `pods/x/binding`. */
  createSubresource(
    ref: { namespace: string | undefined; name: string },
    object: KubeObject,
    options: WriteOptions,
  ): Promise<WriteResult>
  update(
    ref: { namespace: string | undefined; name: string },
    object: KubeObject,
    options: WriteOptions,
  ): Promise<WriteResult>
  patch(
    ref: { namespace: string | undefined; name: string },
    patch: PatchBody,
    options: WriteOptions,
  ): Promise<WriteResult>
  /** Asks admission about a request such as `pods/x/exec`; gives the body as admission leaves it. */
  admitSubresource(
    ref: { namespace: string | undefined; name: string },
    request: SubresourceRequest,
  ): Promise<KubeObject>
  delete(
    ref: { namespace: string | undefined; name: string },
    request: DeleteRequest,
    options: WriteOptions,
  ): Promise<DeleteResult>
  deleteCollection(query: ListQuery, request: DeleteRequest, options: WriteOptions): Promise<ListPage>
}
