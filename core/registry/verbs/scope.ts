import type { GroupVersionResource } from '../../api/gvk.ts'
import { goQuote } from '../../api/go-text.ts'
import type { KubeObject } from '../../api/meta.ts'
import { pathSegmentProblems } from '../../api/names.ts'
import type { Allocator, EquivalentResource, ObjectEditor, RequestContext } from '../../api/request.ts'
import { badRequest, internalError, methodNotSupported, notFound } from '../../api/status.ts'
import type { Entry, Store } from '../../storage/store.ts'
import { StorageFailureError, storageKey } from '../../storage/store.ts'
import type { Clock } from '../../util/clock.ts'
import type { Logger } from '../../util/logger.ts'
import type { KindDefinition, Verb } from '../kind.ts'
import type { KindSchema, SchemaCompiler } from '../schema/kind-schema.ts'
import type { KindVersions } from '../apply/versions.ts'
import type { FieldsPool } from '../apply/fields-pool.ts'
import type { ListObserver } from './list-observer.ts'
import type { AdmissionChain } from './run-admission.ts'
import type { Turns } from './turns.ts'

/**
 * Answers the creation of a virtual kind, such as an access review, with what the client gets back: the object with its
 * status. It may change the object. Throws StatusErrors.
 */
export type VirtualAnswer = (object: KubeObject, context: RequestContext) => KubeObject | Promise<KubeObject>

/** Everything the verbs of one resource share. */
export interface ResourceScope {
  definition: KindDefinition
  resource: GroupVersionResource
  /** The resource under which its objects are stored: its own, but for kinds that share those of another. */
  stored: { group: string; resource: string }
  /** `v1`, `apps/v1`. */
  apiVersion: string
  schema: KindSchema
  schemas: SchemaCompiler
  /** The fieldsV1 of managedFields, shared by all kinds. */
  fields: FieldsPool
  /** The versions of its objects. */
  versions: KindVersions
  store: Store
  /** Whether a stored entry is to be written anew even by an update that changes nothing. */
  isOutdated?(entry: Entry): boolean
  admission: AdmissionChain
  /** Is told what lists cost. */
  listed?: ListObserver | undefined
  /** For admission plugins that change an object from outside. */
  editor: ObjectEditor
  /** The same objects in other versions or groups. */
  equivalents: () => readonly EquivalentResource[]
  /** By store key: for those who write to the same object at once. */
  turns: Turns
  /** For a virtual kind. */
  answer: VirtualAnswer | undefined
  /** For a kind whose objects have something outside themselves. */
  allocator: Allocator | undefined
  clock: Clock
  log: Logger
}

/** Names that need no closer look. */
const plainName = /^[a-z0-9][a-z0-9.:-]*$/

/** One object of a resource. */
export interface ObjectRef {
  namespace: string | undefined
  name: string
}

/**
 * The store key of an object. Throws BadRequest when the reference cannot be one of this resource (upstream: NamespaceKeyFunc,
 * NoNamespaceKeyFunc).
 */
export function keyOf(scope: ResourceScope, ref: ObjectRef): string {
  const { definition, stored } = scope
  const { name } = ref
  const namespace = requiredNamespace(scope, ref)
  if (name === '') throw badRequest('Name parameter required.')
  if (!plainName.test(name)) {
    const problems = pathSegmentProblems(name)
    if (problems.length > 0)
      throw badRequest(`Name parameter invalid: ${goQuote(name)}: ${problems.join(';')}`)
  }
  return storageKey({ ...stored, namespaced: definition.namespaced }, namespace, name)
}

/** The namespace an object of this resource must have: undefined for cluster-scoped kinds. Throws BadRequest. */
export function requiredNamespace(
  scope: ResourceScope,
  ref: { namespace: string | undefined },
): string | undefined {
  if (!scope.definition.namespaced) return undefined
  if (!ref.namespace || ref.namespace.includes('/')) {
    throw badRequest('Namespace parameter required.')
  }
  return ref.namespace
}

/**
 * Puts the request's namespace into the object, or takes that of a cluster-scoped object away (upstream:
 * rest.EnsureObjectNamespaceMatchesRequestNamespace). Throws BadRequest when it names another.
 */
export function matchNamespace(object: KubeObject, namespace: string | undefined): void {
  const { metadata } = object
  if (namespace === undefined) {
    delete metadata.namespace
    return
  }
  if (metadata.namespace && metadata.namespace !== namespace) {
    throw badRequest('the namespace of the provided object does not match the namespace sent on the request')
  }
  metadata.namespace = namespace
}

/**
 * Refuses an object for another place than the request's; without a namespace it gets that one (upstream:
 * handlers.checkName). Throws BadRequest.
 */
export function matchRef(scope: ResourceScope, object: KubeObject, ref: ObjectRef): void {
  matchNamespace(object, scope.definition.namespaced ? ref.namespace : undefined)
  const { name } = object.metadata
  if (!name)
    throw badRequest(
      `the name of the object (${ref.name} based on URL) was undeterminable: name must be provided`,
    )
  if (name !== ref.name)
    throw badRequest(`the name of the object (${name}) does not match the name on the URL (${ref.name})`)
}

/** The store prefix of the resource, or of one namespace of it. */
export function prefixOf(scope: ResourceScope, namespace: string | undefined): string {
  return storageKey({ ...scope.stored, namespaced: scope.definition.namespaced }, namespace || undefined)
}

/** Refuses a verb that the kind does not offer. */
export function requireVerb(scope: ResourceScope, verb: Verb): void {
  if (scope.definition.withoutVerbs?.includes(verb)) throw methodNotSupported(scope.resource, verb)
}

/** The newest durable state of an object. Throws NotFound. */
export async function getEntry(scope: ResourceScope, ref: ObjectRef): Promise<Entry> {
  const entry = await scope.store.get(keyOf(scope, ref))
  if (!entry) throw notFound(scope.resource, ref.name)
  return entry
}

/** What a failure of the store means to a caller; anything else is passed on. */
export function storeFailure(error: unknown): unknown {
  return error instanceof StorageFailureError ? internalError(error.message) : error
}
