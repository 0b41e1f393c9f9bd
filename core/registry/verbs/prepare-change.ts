import type { KubeObject, ManagedFieldsEntry, ObjectMeta } from '../../api/meta.ts'
import type { AdmissionAttributes } from '../../api/request.ts'
import { conflict, failure, invalid, staleObject } from '../../api/status.ts'
import type { Entry } from '../../storage/store.ts'
import { Stint } from '../../util/stint.ts'
import { trackUpdate } from '../apply/field-manager.ts'
import { dropGatedFields } from '../gated-fields.ts'
import { jsonEqual } from '../json-equal.ts'
import type { KeptMetadata, KindDefinition } from '../kind.ts'
import type { WriteOptions } from '../registry.ts'
import { cloneObject } from '../schema/clone-json.ts'
import { areManagedFieldsReadable } from '../validation/managed-fields.ts'
import { attributesOf } from './attributes.ts'
import { finishesDeletion } from './deletion.ts'
import { nextGeneration } from './generation.ts'
import { dedupeOwnerReferences } from './owner-references.ts'
import { admitWrite, validateAdmission } from './run-admission.ts'
import { parseUint } from './resource-version.ts'
import { matchRef } from './scope.ts'
import type { ObjectRef, ResourceScope } from './scope.ts'
import { preconditionFailed } from './storage-error.ts'
import type { Proposal } from './update-cycle.ts'
import { validateBeforeAllocation, validateChange, warnAbout } from './validate-object.ts'
import { trackFields } from './writer.ts'

export interface ChangeRequest {
  ref: ObjectRef
  current: Entry
  /** Decoded, private to this call. */
  incoming: KubeObject
  /** The resourceVersion the caller insists on; undefined takes whatever is there. */
  resourceVersion: string | undefined
  options: WriteOptions
  /** The owners of fields that an apply has worked out; otherwise they follow from the change. */
  managedFields?: ManagedFieldsEntry[]
  isPatch?: boolean
  /** What admission was asked to admit already, where that is another view of the object, such as its Scale. */
  admitted?: AdmissionAttributes
}

/**
 * Turns what a caller wants stored into what will be stored in place of `current` (upstream: rest.BeforeUpdate):
 * name, version and uid checks, the split between object and status, mutating admission, system metadata, the kind's
 * preparation, generation, validation, validating admission. Gives the current object itself when nothing changes.
 */
export async function prepareChange(scope: ResourceScope, request: ChangeRequest): Promise<Proposal> {
  const { ref, current, options } = request
  const { subresource, context } = options
  const old = current.object
  checkIdentity(scope, request)
  const given = request.managedFields ? undefined : givenManagedFields(request)
  const next = mergeBySubresource(scope, request)
  keepSystemFields(next, old)
  const stint = new Stint()
  // What admission and the kind's preparation change is nobody's, as upstream.
  const managedFields = request.managedFields ?? (await ownersAfter(scope, { old, next, given, options }))
  if (stint.isLong) await stint.rest()
  setManagedFields(next, managedFields)
  const attributes = attributesOf(scope, ref, {
    operation: 'UPDATE',
    ...(subresource !== undefined && { subresource }),
    object: next,
    oldObject: old,
    isPatch: request.isPatch,
    options,
    context,
  })
  if (!request.admitted) await admitWrite(scope.admission, attributes)
  const object = attributes.object ?? next
  dedupeOwnerReferences(object, context, 'after')
  keepSystemFields(object, old)
  const change = { ...request, attributes, object, managedFields }
  if (!scope.allocator || subresource !== undefined) return finishChange(scope, change)
  const allocation = await scope.allocator.allocate({
    object,
    oldObject: old,
    context,
    check: () => validateBeforeAllocation(scope, object),
  })
  try {
    return { ...(await finishChange(scope, change)), allocation }
  } catch (error) {
    await allocation.end(false)
    throw error
  }
}

interface AdmittedChange extends Omit<ChangeRequest, 'managedFields'> {
  attributes: AdmissionAttributes
  object: KubeObject
  managedFields: readonly ManagedFieldsEntry[] | undefined
}

/** The part after mutating admission. */
async function finishChange(scope: ResourceScope, change: AdmittedChange): Promise<Proposal> {
  const { definition, admission } = scope
  const { attributes, object, managedFields, options } = change
  const { subresource, context } = options
  const old = change.current.object
  if (subresource === 'status') definition.status?.prepareForUpdate?.(object, old, context)
  else {
    dropGatedFields(object, old, definition.gatedFields)
    const isNamed = subresource !== undefined && definition.subresources?.[subresource] !== undefined
    // A named subresource has made the object what it is to be; an update's preparation could undo that.
    if (!isNamed) definition.prepareForUpdate?.(object, old, context)
    setGeneration(object, nextGeneration(definition, object, old))
  }
  setManagedFields(object, managedFields)
  const stint = new Stint()
  validateChange(scope, { object, old, subresource }, context.warn)
  warnAbout(scope, context, { object, old, subresource })
  if (stint.isLong) await stint.rest()
  await validateAdmission(admission, change.admitted ?? { ...attributes, object })
  if (finishesDeletion(definition, object, old)) return { object, remove: true }
  return { object: isUnchanged(object, old) ? old : object }
}

type Owners = readonly ManagedFieldsEntry[] | undefined

interface Ownership {
  old: KubeObject
  next: KubeObject
  given: ManagedFieldsEntry[] | undefined
  options: WriteOptions
}

/** The owners of fields after a change: those there are, where it changes nothing, which is cheaper to see than to track. */
function ownersAfter(
  scope: ResourceScope,
  { old, next, given, options }: Ownership,
): Owners | Promise<Owners> {
  const entries = given ?? old.metadata.managedFields
  const areSent = given !== undefined
  if (entries === undefined || options.keepsOwners || (!areSent && equalButOwners(next, old))) return entries
  return trackFields(scope, options, (target) => trackUpdate(target, { live: old, next, entries, areSent }))
}

function setManagedFields(object: KubeObject, entries: readonly ManagedFieldsEntry[] | undefined): void {
  if (entries === undefined || entries.length === 0) delete object.metadata.managedFields
  else object.metadata.managedFields = entries as ManagedFieldsEntry[]
}

/** The entries a caller sent to put in place of the stored ones; `[{}]` asks for none. Subresources cannot set them. */
function givenManagedFields({ current, incoming, options }: ChangeRequest): ManagedFieldsEntry[] | undefined {
  const { managedFields } = incoming.metadata
  if (options.subresource !== undefined || !managedFields || managedFields.length === 0) return undefined
  const [first] = managedFields
  if (managedFields.length === 1 && first && Object.keys(first).length === 0) return []
  if (jsonEqual(managedFields, current.object.metadata.managedFields)) return undefined
  return areManagedFieldsReadable(managedFields) ? managedFields : undefined
}

/**
 * Whether a write would change nothing but the times in managedFields, which is no change (upstream:
 * managedfields.IgnoreManagedFieldsTimestampsTransformer).
 */
function isUnchanged(object: KubeObject, old: KubeObject): boolean {
  if (!equalButOwners(object, old)) return false
  const { managedFields: entries } = object.metadata
  const { managedFields: before } = old.metadata
  if (entries === before) return true
  const timeless = (list: readonly ManagedFieldsEntry[] = []): ManagedFieldsEntry[] =>
    list.map(({ time: _time, ...entry }) => entry)
  return jsonEqual(timeless(entries), timeless(before))
}

/** Whether objects are the same but for their managedFields. */
function equalButOwners(object: KubeObject, old: KubeObject): boolean {
  const { metadata, ...rest } = object
  const { metadata: before, ...restBefore } = old
  const { managedFields: _entries, ...others } = metadata
  const { managedFields: _before, ...othersBefore } = before
  return jsonEqual(others, othersBefore) && jsonEqual(rest, restBefore)
}

function setGeneration(object: KubeObject, generation: number | undefined): void {
  if (generation === undefined) delete object.metadata.generation
  else object.metadata.generation = generation
}

function isUnset(resourceVersion: string | undefined): boolean {
  return !resourceVersion || resourceVersion === '0'
}

function checkIdentity(scope: ResourceScope, request: ChangeRequest): void {
  const { ref, current, incoming, resourceVersion } = request
  const { resource, definition } = scope
  const { metadata } = incoming
  matchRef(scope, incoming, ref)
  const text = resourceVersion ?? metadata.resourceVersion
  const sent = text ? parseUint(text) : 0
  if (sent instanceof Error) throw failure(500, '', sent.message)
  const live = current.object.metadata
  // A patch's uid is no precondition: it is refused as a change of what cannot change.
  if (!request.isPatch && metadata.uid && metadata.uid !== live.uid) {
    const why = `UID in precondition: ${metadata.uid}, UID in object meta: ${live.uid}`
    throw preconditionFailed(scope, ref, { why, dryRun: request.options.context.dryRun })
  }
  if (resourceVersion !== undefined && sent !== 0) {
    if (sent !== Number(live.resourceVersion)) throw conflict(resource, ref.name, staleObject)
  } else if (definition.requiresResourceVersion && isUnset(metadata.resourceVersion)) {
    // Upstream names the resource where the kind would be expected.
    throw invalid({ group: resource.group, kind: resource.resource }, ref.name, [
      {
        type: 'FieldValueInvalid',
        field: 'metadata.resourceVersion',
        message: 'Invalid value: 0: must be specified for an update',
      },
    ])
  }
}

/**
 * A write to the object keeps status; a write to status keeps the spec; a named subresource decides for itself. What is
 * kept is shared with the stored object: admission and the kinds' preparation may replace it, but not change it in place.
 */
function mergeBySubresource(scope: ResourceScope, request: ChangeRequest): KubeObject {
  const { current, incoming, options } = request
  const { definition } = scope
  const old = current.object as KubeObject & { status?: unknown }
  if (options.subresource === 'status') {
    // What this write cannot change stays the stored object's own.
    const { status: _old, ...next }: KubeObject & { status?: unknown } = old
    next.metadata = statusMetadata(definition, old.metadata, incoming.metadata)
    const { status } = incoming as { status?: unknown }
    return status === undefined ? next : Object.assign(next, { status })
  }
  const named = options.subresource === undefined ? undefined : definition.subresources?.[options.subresource]
  if (named) return named.apply(cloneObject(old), incoming, options.context)
  if (!definition.status || options.subresource !== undefined) return incoming
  const next = incoming as KubeObject & { status?: unknown }
  if (old.status === undefined) delete next.status
  else next.status = old.status
  return next
}

const resettable: readonly KeptMetadata[] = [
  'annotations',
  'deletionTimestamp',
  'finalizers',
  'labels',
  'ownerReferences',
]

/** The metadata that a write to status leads to: what the kind does not keep is as the caller sent it. */
function statusMetadata({ status }: KindDefinition, old: ObjectMeta, sent: ObjectMeta): ObjectMeta {
  const keeps = status?.keepsMetadata
  if (keeps === 'all') return { ...old }
  const metadata = { ...sent }
  for (const field of keeps === 'reset' ? resettable : (keeps ?? [])) {
    delete metadata[field]
    if (old[field] !== undefined) Object.assign(metadata, { [field]: old[field] })
  }
  return metadata
}

function keepSystemFields(object: KubeObject, old: KubeObject): void {
  const { metadata } = object
  const { metadata: before } = old
  metadata.uid ||= before.uid!
  metadata.resourceVersion = before.resourceVersion!
  if (before.creationTimestamp !== undefined) metadata.creationTimestamp = before.creationTimestamp
  if (before.deletionTimestamp !== undefined) metadata.deletionTimestamp = before.deletionTimestamp
  if (before.deletionGracePeriodSeconds !== undefined) {
    metadata.deletionGracePeriodSeconds ??= before.deletionGracePeriodSeconds
  }
  delete metadata.selfLink
  setManagedFields(object, before.managedFields)
  setGeneration(object, before.generation)
}
