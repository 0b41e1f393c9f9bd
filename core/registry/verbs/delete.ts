import type { KubeObject } from '../../api/meta.ts'
import { conflict, invalid } from '../../api/status.ts'
import type { KindDefinition } from '../kind.ts'
import { notSupported } from '../../api/field-errors.ts'
import type { Entry } from '../../storage/store.ts'
import { rfc3339 } from '../../util/clock.ts'
import { jsonEqual } from '../json-equal.ts'
import type { DeleteRequest, DeleteResult, WriteOptions } from '../registry.ts'
import { cloneObject } from '../schema/clone-json.ts'
import { attributesOf } from './attributes.ts'
import { finalizersForDeletion, gracefulStep, hasFinalizers } from './deletion.ts'
import { admitWrite, validateAdmission } from './run-admission.ts'
import { requireVerb } from './scope.ts'
import type { ObjectRef, ResourceScope } from './scope.ts'
import { runUpdateCycle } from './update-cycle.ts'
import type { Proposal } from './update-cycle.ts'

export interface Deletion {
  request: DeleteRequest
  options: WriteOptions
}

/**
 * Deletes an object (upstream: store.Delete, rest.BeforeDelete): removed at once unless finalizers or a grace period
 * hold it, in which case it is marked with `deletionTimestamp` and stays. Deleting it again changes nothing, but may
 * shorten the grace period. Throws NotFound and, for failed preconditions, Conflict.
 */
export async function deleteObject(
  scope: ResourceScope,
  ref: ObjectRef,
  deletion: Deletion,
): Promise<DeleteResult> {
  requireVerb(scope, 'delete')
  warnOfOrphans(scope, deletion)
  return removeObject(scope, ref, deletion)
}

/** Some kinds warn of a deletion that does not say what is to become of dependents. */
export function warnOfOrphans({ definition }: ResourceScope, { request, options }: Deletion): void {
  const { orphaningWarning } = definition
  if (orphaningWarning && request.propagationPolicy === undefined) options.context.warn(orphaningWarning)
}

/** Deletes an object without such a warning. */
export async function removeObject(
  scope: ResourceScope,
  ref: ObjectRef,
  deletion: Deletion,
): Promise<DeleteResult> {
  checkRequest(deletion.request)
  const { removed, ...result } = await runUpdateCycle(scope, ref, {
    dryRun: deletion.options.context.dryRun,
    propose: async (current) => {
      checkPreconditions(scope, current, deletion.request)
      await admitDeletion(scope, ref, { current, deletion })
      return proposeDeletion(scope, current, deletion.request)
    },
  })
  return { ...result, gone: removed === true }
}

function checkRequest({ propagationPolicy }: DeleteRequest): void {
  const policies = ['Foreground', 'Background', 'Orphan']
  if (propagationPolicy === undefined || policies.includes(propagationPolicy)) return
  throw invalid({ group: 'meta.k8s.io', kind: 'DeleteOptions' }, '', [
    notSupported('propagationPolicy', propagationPolicy, [...policies, 'nil']),
  ])
}

function checkPreconditions(scope: ResourceScope, current: Entry, { preconditions }: DeleteRequest): void {
  const { name, uid, resourceVersion } = current.object.metadata
  const { group, kind } = scope.definition
  // Upstream names the kind where the resource would be expected.
  const named = { group, resource: kind }
  const wantsUid = preconditions?.uid
  const wantsVersion = preconditions?.resourceVersion
  // What holds other objects is looked at by itself first.
  if (scope.definition.prepareForDelete) {
    const failed = (what: string, wanted: string, found: string | undefined): never => {
      const why = `Precondition failed: ${what} in precondition: ${wanted}, ${what} in object meta: ${found}`
      throw conflict(scope.resource, name, why)
    }
    if (wantsUid !== undefined && wantsUid !== uid) failed('UID', wantsUid, uid)
    if (wantsVersion !== undefined && wantsVersion !== resourceVersion)
      failed('ResourceVersion', wantsVersion, resourceVersion)
  }
  if (wantsUid !== undefined && wantsUid !== uid) {
    throw conflict(
      named,
      name,
      `the UID in the precondition (${wantsUid}) does not match the UID in record (${uid}). The object might have been deleted and then recreated`,
    )
  }
  if (wantsVersion !== undefined && wantsVersion !== resourceVersion) {
    throw conflict(
      named,
      name,
      `the ResourceVersion in the precondition (${wantsVersion}) does not match the ResourceVersion in record (${resourceVersion}). The object might have been modified`,
    )
  }
}

async function admitDeletion(
  scope: ResourceScope,
  ref: ObjectRef,
  { current, deletion }: { current: Entry; deletion: Deletion },
): Promise<void> {
  const attributes = attributesOf(scope, ref, {
    operation: 'DELETE',
    object: undefined,
    oldObject: current.object,
    context: deletion.options.context,
    options: deletion.request,
  })
  await admitWrite(scope.admission, attributes)
  await validateAdmission(scope.admission, attributes)
}

function proposeDeletion(scope: ResourceScope, current: Entry, request: DeleteRequest): Proposal {
  const { definition, clock } = scope
  const old = current.object
  const nowMs = clock.now()
  const step = gracefulStep(definition, old, { requestedSeconds: request.gracePeriodSeconds, nowMs })
  if (step.kind === 'pending') return { object: old }
  const object = cloneObject(old)
  const { metadata } = object
  const finalizers = finalizersForDeletion(definition, metadata.finalizers, request.propagationPolicy)
  if (finalizers.length > 0) metadata.finalizers = finalizers
  else delete metadata.finalizers
  const isHeld = hasFinalizers(definition, object)
  if (step.kind === 'graceful') {
    if (step.isFirst) bumpGeneration(object)
    metadata.deletionTimestamp = step.deletionTimestamp
    metadata.deletionGracePeriodSeconds = step.gracePeriodSeconds
    if (!isHeld && step.gracePeriodSeconds === 0) return { object, remove: true }
  } else {
    if (!isHeld) return { object: old, remove: true }
    markAsDeleting(definition, object, nowMs)
  }
  definition.prepareForDelete?.(object)
  return { object: jsonEqual(object, old) ? old : object }
}

/** Upstream: registry.markAsDeleting. */
function markAsDeleting(definition: KindDefinition, object: KubeObject, nowMs: number): void {
  const { metadata } = object
  if (metadata.deletionTimestamp === undefined) {
    if (definition.deletesQuietly) {
      metadata.deletionTimestamp = rfc3339(nowMs)
      return
    }
    bumpGeneration(object)
  }
  if (metadata.deletionTimestamp === undefined || Date.parse(metadata.deletionTimestamp) > nowMs) {
    metadata.deletionTimestamp = rfc3339(nowMs)
  }
  metadata.deletionGracePeriodSeconds = 0
}

/** Controllers of an object that is going away shall look at it again. */
function bumpGeneration({ metadata }: KubeObject): void {
  if (metadata.generation !== undefined && metadata.generation > 0) metadata.generation++
}
