import { randomUUID } from 'node:crypto'
import type { KubeObject, ManagedFieldsEntry } from '../../api/meta.ts'
import { StatusError, alreadyExists, failure, forbidden, isAlreadyExists } from '../../api/status.ts'
import { RevisionMismatchError } from '../../storage/store.ts'
import { Stint } from '../../util/stint.ts'
import type { WriteOptions, WriteResult } from '../registry.ts'
import { dropGatedFields } from '../gated-fields.ts'
import { cloneJson, cloneObject } from '../schema/clone-json.ts'
import type { KindSchema } from '../schema/kind-schema.ts'
import { answerVirtual } from './answer-virtual.ts'
import { trackCreate, trackUpdate } from '../apply/field-manager.ts'
import type { FieldManagerTarget } from '../apply/target.ts'
import { areManagedFieldsReadable } from '../validation/managed-fields.ts'
import { attributesOf } from './attributes.ts'
import { bodyTypeOf } from './body-type.ts'
import { decodeBody } from './decode-body.ts'
import { generateName } from './generate-name.ts'
import { tracksGeneration } from './generation.ts'
import { dedupeOwnerReferences } from './owner-references.ts'
import { admitWrite, validateAdmission } from './run-admission.ts'
import { keyOf, matchNamespace, requireVerb, requiredNamespace, storeFailure } from './scope.ts'
import type { ResourceScope } from './scope.ts'
import { validateBeforeAllocation, validateNewObject, warnAbout } from './validate-object.ts'
import { trackFields } from './writer.ts'
import { resultOfEntry, resultOfObject } from './write-result.ts'

/** How often a generated name that is taken is drawn anew. */
const maxNameAttempts = 8

/**
 * Creates an object (upstream: pkg/endpoints/handlers/create.go, rest.BeforeCreate): decode, defaults, mutating
 * admission, name and system metadata, the kind's preparation and validation, validating admission, store.
 */
export async function createObject(
  scope: ResourceScope,
  namespace: string | undefined,
  request: { body: KubeObject; options: WriteOptions },
): Promise<WriteResult> {
  requireVerb(scope, 'create')
  if (scope.definition.isVirtual) return answerVirtual(scope, namespace, request)
  const { options } = request
  const stint = new Stint()
  const object = decodeBody(bodyTypeOf(scope), request.body, options)
  if (stint.isLong) await stint.rest()
  dedupeOwnerReferences(object, options.context, 'before')
  return createDecoded(scope, { namespace: requiredNamespace(scope, { namespace }), object, options })
}

export interface NewObject {
  namespace: string | undefined
  /** Decoded, private to this call. */
  object: KubeObject
  options: WriteOptions
  /** The owners of fields, where an apply creates the object. */
  managedFields?: ManagedFieldsEntry[]
}

/** The part of creation after decoding; also for an update or apply that creates. */
export async function createDecoded(scope: ResourceScope, request: NewObject): Promise<WriteResult> {
  const { namespace, object, options } = request
  const { definition, admission } = scope
  const { context } = options
  if (definition.createRefusal)
    throw forbidden(scope.resource, object.metadata.name, definition.createRefusal)
  matchNamespace(object, namespace)
  if (definition.status && definition.status.keptOnCreate !== true) dropStatus(scope, object)
  const given = object.metadata.managedFields
  fillSystemFields(scope, object, context.now)
  definition.default?.(object)
  const stint = new Stint()
  const managedFields =
    request.managedFields ?? (await trackFields(scope, options, (target) => ownersOf(target, object, given)))
  if (stint.isLong) await stint.rest()
  if (managedFields.length > 0) object.metadata.managedFields = [...managedFields]
  const { name } = object.metadata
  const attributes = attributesOf(
    scope,
    { namespace, name },
    { operation: 'CREATE', object, oldObject: undefined, options, context },
  )
  await admitWrite(admission, attributes)
  const admitted = attributes.object ?? object
  dedupeOwnerReferences(admitted, context, 'after')
  if (admitted.metadata.name || !admitted.metadata.generateName) return store(scope, request, admitted)
  for (let attempt = 1; ; attempt++) {
    const candidate = cloneObject(admitted)
    candidate.metadata.name = generateName(admitted.metadata.generateName)
    try {
      return await store(scope, request, candidate)
    } catch (error) {
      if (!isAlreadyExists(error) || attempt === maxNameAttempts) throw error
    }
  }
}

/** Who owns a new object, which may say so itself (upstream: managedfields/fieldmanager.go decodeLiveOrNew). */
function ownersOf(
  target: FieldManagerTarget,
  object: KubeObject,
  given: ManagedFieldsEntry[] | undefined,
): readonly ManagedFieldsEntry[] {
  if (!given || given.length === 0 || !areManagedFieldsReadable(given)) return trackCreate(target, object)
  const live = { metadata: {} } as KubeObject
  return trackUpdate(target, { live, next: object, entries: given, areSent: true }) ?? []
}

async function store(scope: ResourceScope, request: NewObject, object: KubeObject): Promise<WriteResult> {
  const { context } = request.options
  const allocation = await scope.allocator?.allocate({
    object,
    oldObject: undefined,
    context,
    check: () => validateBeforeAllocation(scope, object),
  })
  let isStored = false
  try {
    const result = await storeAllocated(scope, request, object)
    isStored = !context.dryRun
    return result
  } finally {
    await allocation?.end(isStored)
  }
}

async function storeAllocated(
  scope: ResourceScope,
  request: NewObject,
  object: KubeObject,
): Promise<WriteResult> {
  const { definition, admission } = scope
  const { namespace, options } = request
  const { context } = options
  dropGatedFields(object, undefined, definition.gatedFields)
  definition.prepareForCreate?.(object, context)
  const stint = new Stint()
  validateNewObject(scope, object)
  warnAbout(scope, context, { object, old: undefined, subresource: undefined })
  if (stint.isLong) await stint.rest()
  const ref = { namespace, name: object.metadata.name }
  await validateAdmission(
    admission,
    attributesOf(scope, ref, { operation: 'CREATE', object, oldObject: undefined, options, context }),
  )
  // A dry run does not get as far as the store, which refuses it.
  const { resourceVersion } = object.metadata
  // What is no number is taken for none, as upstream.
  if (resourceVersion && Number(resourceVersion) > 0 && !context.dryRun) {
    throw failure(500, '', 'resourceVersion should not be set on objects to be created')
  }
  if (!context.dryRun) delete object.metadata.resourceVersion
  const key = keyOf(scope, ref)
  try {
    if (!context.dryRun) return { ...resultOfEntry(await scope.store.create(key, object)), created: true }
    const current = await scope.store.get(key)
    if (current) throw new RevisionMismatchError(current)
    return { ...resultOfObject(object), created: true }
  } catch (error) {
    throw error instanceof RevisionMismatchError ? taken(scope, ref.name, error) : storeFailure(error)
  }
}

function taken(scope: ResourceScope, name: string, error: RevisionMismatchError): StatusError {
  const refusal = alreadyExists(scope.resource, name)
  if (error.current?.object.metadata.deletionTimestamp === undefined) return refusal
  return new StatusError({ ...refusal.status, message: `object is being deleted: ${refusal.message}` })
}

function dropStatus({ schema }: ResourceScope, object: KubeObject): void {
  if (!('status' in object)) return
  delete object.status
  const status = emptyStatus(schema)
  if (status !== undefined) Object.assign(object, { status: cloneJson(status) })
}

const emptyStatuses = new WeakMap<KindSchema, { status?: unknown }>()

/** What Go prints for an empty status: reading an object without one writes it. */
function emptyStatus(schema: KindSchema): unknown {
  let known = emptyStatuses.get(schema)
  if (!known) emptyStatuses.set(schema, (known = schema.decode({ metadata: { name: '' } }).object as object))
  return known.status
}

function fillSystemFields(scope: ResourceScope, object: KubeObject, now: string): void {
  const { metadata } = object
  // Everyone may rely on a name being there; an empty one waits for generateName.
  metadata.name ??= ''
  metadata.uid = randomUUID()
  metadata.creationTimestamp = now
  delete metadata.deletionTimestamp
  delete metadata.deletionGracePeriodSeconds
  delete metadata.selfLink
  delete metadata.managedFields
  // Kinds that do not count keep what they are given.
  if (tracksGeneration(scope.definition)) metadata.generation = 1
}
