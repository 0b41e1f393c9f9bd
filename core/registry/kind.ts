import type { GatedFields } from './gated-fields.ts'
import type { KubeObject } from '../api/meta.ts'
import type { RequestContext } from '../api/request.ts'
import type { FieldError } from '../api/status.ts'
import type { ConvertObjects } from './convert-objects.ts'
import type { Schema } from './schema/schema.ts'

/** A printer column, as `kubectl get` shows it (upstream: pkg/printers/internalversion/printers.go). */
export interface Column<T> {
  name: string
  type: 'string' | 'integer' | 'number' | 'boolean' | 'date'
  format?: string
  description?: string
  /** 0 = always; 1 = only with `-o wide`. */
  priority?: number
  /**
   * The cell. Ages are given as finished text such as `5m`, with `now` for the clock. Nothing else but the object may
   * decide it: a column that does not declare `now` is asked once per stored object.
   */
  value(object: T, now: number): string | number | bigint | boolean | null
  /** A cell that no definition goes with, which clients do not show: IPAddresses have one upstream. */
  isUndefined?: boolean
  /** Whether the cell of this object changes with `now`, for a column that only sometimes does. */
  movesWithTime?(object: T): boolean
}

/** Deletion as a kind may shape it (upstream: RESTGracefulDeleteStrategy). */
export interface GracefulDeletion<T> {
  /** Grace period to use given the caller's wish; 0 deletes at once. */
  gracePeriodSeconds(object: T, requested: number | undefined): number
}

/** Metadata that some writes leave as it is. */
export type KeptMetadata = 'annotations' | 'deletionTimestamp' | 'finalizers' | 'labels' | 'ownerReferences'

/**
 * One kind: everything the generic registry needs to serve it. One home per kind, `core/kinds/<group>/<kind>.ts`; a
 * CustomResourceDefinition becomes the same shape at run time. Order of calls, as upstream's rest.BeforeCreate and
 * rest.BeforeUpdate: decode → schema check and defaults → `default` → mutating admission → `prepareForCreate` /
 * `prepareForUpdate` → `validate` (+ `validateUpdate`) → validating admission → store. Hooks may mutate `object`
 * (a private copy) but never `old`, `previous` or anything reached through the store.
 */
export interface KindDefinition<T extends KubeObject = KubeObject> {
  group: string
  version: string
  kind: string
  namespaced: boolean
  names: { plural: string; singular: string; short?: string[]; categories?: string[]; listKind?: string }
  /** Name in `resources/kubernetes/schemas.json` for built-in kinds, or the schema itself. */
  schema: string | Schema
  columns: Column<T>[]
  /** The version that objects are stored in, of a kind with a schema of its own; default `version`. */
  storageVersion?: string
  /** Converts between this version and the one that is stored; absent: they differ by apiVersion alone. */
  convert?: ConvertObjects
  /** Another kind in whose form and place the objects of this one are stored: both show the same objects. */
  storedAs?: StoredAs<T>
  /** A version that will go: what every client is warned of. */
  deprecationWarning?: string
  /** The schemas of all versions of a custom kind, by apiVersion: what is stored fits that of its own version. */
  versionSchemas?: Readonly<Record<string, Schema>>
  /** Why nothing of this kind can be created now (403), e.g. because its definition is being deleted. */
  createRefusal?: string
  /** Verbs that are not offered; all others are. */
  withoutVerbs?: Verb[]
  /** Defaults that the schema data does not hold (upstream: pkg/apis/<group>/v1/defaults.go). */
  default?(object: T): void
  /** Fields that are dropped from writes, before the kind prepares them. */
  gatedFields?: readonly GatedFields[]
  prepareForCreate?(object: T, context: RequestContext): void
  prepareForUpdate?(object: T, old: T, context: RequestContext): void
  /** Every problem at once, on create and update (upstream: pkg/apis/<group>/validation). */
  validate?(object: T): FieldError[]
  /** Create-only rules, beside `validate`. */
  validateCreate?(object: T): FieldError[]
  /**
   * Fields by whose path an update is not refused for a problem that the stored object has in the same words, as upstream's
   * ratcheting.
   */
  toleratedWhenStored?: readonly RegExp[]
  /** Of a kind whose objects have something outside themselves: rules that hold before any of it is taken. */
  validateBeforeAllocation?(object: T): FieldError[]
  /** Update-only rules: immutability and transitions. */
  validateUpdate?(object: T, old: T): FieldError[]
  /** Name rule; default DNS-1123 subdomain. Returns messages. */
  validateName?(name: string): string[]
  warnings?(object: T, old: T | undefined): string[]
  /** Has `/status`: a write to the object keeps status, a write to status keeps the rest. */
  status?: {
    prepareForUpdate?(object: T, old: T, context: RequestContext): void
    validateUpdate?(object: T, old: T): FieldError[]
    /**
     * Metadata that a write to status leaves as it is: all of it, what may be reset (upstream: ResetObjectMetaForStatus), or these;
     * the rest it may change (upstream: the status strategies' PrepareForUpdate).
     */
    keepsMetadata?: 'all' | 'reset' | readonly KeptMetadata[]
    /** What a write to status is warned of; those of the object itself do not concern it. */
    warnings?(object: T): string[]
    /** Whether a status sent at creation is kept (Node); by default it is dropped. */
    keptOnCreate?: boolean
  }
  /** Has `/scale` (autoscaling/v1 Scale) with these JSON paths, e.g. `spec.replicas`. */
  scale?: { specReplicasPath: string; statusReplicasPath: string; selector(object: T): string }
  /** Further named subresources, e.g. `binding`; the kind's own pure part. Streams are the server's. */
  subresources?: Record<string, SubresourceDefinition<T>>
  gracefulDeletion?: GracefulDeletion<T>
  /**
   * Finalizers of the kind's own beside metadata.finalizers, such as a Namespace's spec.finalizers: while true, a
   * deleted object stays with its deletionTimestamp; an update that empties both removes it.
   */
  hasOwnFinalizers?(object: T): boolean
  /** Last changes to an object that is marked as deleted and stays, e.g. a Namespace's `status.phase: Terminating`. */
  prepareForDelete?(object: T): void
  /** Whether a first deletion is no change of the generation, and has no grace period, as of definitions. */
  deletesQuietly?: boolean
  /** Fields for field selectors beyond metadata.name and metadata.namespace. */
  selectableFields?: Record<string, (object: T) => string>
  /** What is said of a field selector that is none of these; default `field label not supported: <field>`. */
  refuseField?: (field: string) => string
  /** Whether the spec is set once and for all, so that no writer owns it (upstream: the strategies' GetResetFields). */
  resetsSpec?: boolean
  /** Whether `metadata.generation` grows with the spec. Default: true when there is a `status`. */
  tracksGeneration?: boolean
  /** What counts as spec for the generation; default `object.spec`. */
  generationOf?(object: T): unknown
  /** PUT without resourceVersion is refused (upstream: !AllowUnconditionalUpdate). */
  requiresResourceVersion?: boolean
  /**
   * Nothing of this kind is stored. Either a create is answered at once, by the function that the registry was given for
   * it (RegistryOptions.answers), or reads are worked out (RegistryOptions.readers); other verbs are not offered.
   */
  isVirtual?: boolean
  /** A DELETE answers with the object's last state rather than a Status (upstream: Store.ReturnDeletedObject). */
  returnsDeletedObject?: boolean
  /**
   * What becomes of dependents where a deletion does not say: they are orphaned, or this kind has none, whatever a
   * deletion says; by default they are deleted after the object (upstream: DefaultGarbageCollectionPolicy).
   */
  dependents?: 'orphaned' | 'none'
  /** What a deletion that does not say is warned of. */
  orphaningWarning?: string
  /** PUT of an absent name creates (upstream: AllowCreateOnUpdate), e.g. Lease, Endpoints. */
  createsOnUpdate?: boolean
}

/** The form in which a kind stores its objects that it shares with the kind of another version or group. */
export interface StoredAs<T extends KubeObject> {
  definition: KindDefinition
  /** Both give a new object that may share parts with the argument, with the apiVersion of their result. */
  toStored(object: T): KubeObject
  fromStored(stored: KubeObject): T
}

export type Verb = 'get' | 'list' | 'watch' | 'create' | 'update' | 'patch' | 'delete' | 'deletecollection'

/** A subresource whose effect is a change of the parent object, such as `binding` or `eviction`. */
export interface SubresourceDefinition<T extends KubeObject> {
  /** Kind of the body, with its group-version, e.g. `{ group: '', version: 'v1', kind: 'Binding' }`. */
  body: { group: string; version: string; kind: string; schema?: string }
  verbs: Verb[]
  /** Of one that is created: checks the body by itself, given the name in the path, before anything is read. Throws to refuse. */
  check?(body: KubeObject, name: string): void
  /** Applies the body to the parent and returns what is stored; all checks are its own. Throws StatusError to refuse. */
  apply(parent: T, body: KubeObject, context: RequestContext): T
}

/** Lets a definition be written with its object type inferred in hooks and kept out of the registry's way. */
export function defineKind<T extends KubeObject>(definition: KindDefinition<T>): KindDefinition {
  return definition as unknown as KindDefinition
}

/** Whether a kind is served for a CustomResourceDefinition: it brings its schema along, and its objects are stored. */
export function isCustom({ schema, isVirtual }: Pick<KindDefinition, 'schema' | 'isVirtual'>): boolean {
  return typeof schema !== 'string' && !isVirtual
}
