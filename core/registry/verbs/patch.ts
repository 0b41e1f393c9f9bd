import type { KubeObject } from '../../api/meta.ts'
import { conflict, unsupportedMediaType } from '../../api/status.ts'
import { goJson, goMapJson, goValue, membersOf } from '../../api/go-text.ts'
import { Stint } from '../../util/stint.ts'
import { applyPatch } from '../patch/apply-patch.ts'
import type { DocumentPatch } from '../patch/apply-patch.ts'
import { unknownOperationFields } from '../patch/json-patch.ts'
import { isCustom } from '../kind.ts'
import { patchTypesOf } from '../patch/patch-types.ts'
import type { WriteOptions, WriteResult } from '../registry.ts'
import { admitScale } from './admit-scale.ts'
import { bodyTypeOf, type BodyType } from './body-type.ts'
import { decodePatched } from './decode-patched.ts'
import { prepareChange } from './prepare-change.ts'
import { applyScale, currentScale, scaleOf, scaleType } from './scale.ts'
import type { Scale } from './scale.ts'
import { matchRef, requireVerb } from './scope.ts'
import type { ObjectRef, ResourceScope } from './scope.ts'
import { requireWritable } from './subresource.ts'
import { runUpdateCycle } from './update-cycle.ts'
import { resultOfObject } from './write-result.ts'

export interface PatchRequest {
  patch: DocumentPatch
  options: WriteOptions
}

/**
 * Patches an object, its status, its scale or what a named subresource shows (upstream: handlers/patch.go). A patch that
 * sets another resourceVersion than the stored one is a Conflict; any other is applied to the newest state.
 */
export async function patchObject(
  scope: ResourceScope,
  ref: ObjectRef,
  { patch, options }: PatchRequest,
): Promise<WriteResult> {
  const { subresource } = options
  if (subresource === undefined) requireVerb(scope, 'patch')
  else requireWritable(scope, { subresource, verb: 'patch' })
  const isScale = subresource === 'scale'
  const patchTypes = patchTypesOf(scope.definition)
  if (!Object.values(patchTypes).includes(patch.type)) throw unsupportedMediaType(Object.keys(patchTypes))
  let isFirst = true
  const result = await runUpdateCycle(scope, ref, {
    dryRun: options.context.dryRun,
    propose: async (current) => {
      const whole = isScale ? currentScale(scope.definition, current.object) : current.object
      const base = isScale ? whole : baseOf(whole, patch)
      const type = isScale ? scaleType(scope) : bodyTypeOf(scope)
      const stint = new Stint()
      const document = applyPatch(base, patch, type.schema.node)
      if (stint.isLong) await stint.rest()
      const fieldValidation =
        isFirst || options.fieldValidation === 'Strict' ? options.fieldValidation : 'Ignore'
      isFirst = false
      const patched = decodePatched(
        type,
        {
          base,
          document,
          shown: () => shownDocument(whole, patch, type),
          isStrategic: patch.type === 'strategic',
          ...(patch.type === 'json' && { problems: unknownOperationFields(patch.operations) }),
        },
        { ...options, ...(fieldValidation && { fieldValidation }) },
      )
      if (stint.isLong) await stint.rest()
      const { resourceVersion } = patched.metadata
      if (!isScale) scope.definition.default?.(patched)
      const admitted = isScale
        ? await admitScale(scope, ref, {
            current: current.object,
            scale: patched as Scale,
            isPatch: true,
            options,
          })
        : undefined
      if (isScale) matchScale(scope, ref, { scale: patched, live: current.object })
      const incoming = admitted
        ? applyScale(scope.definition, current.object, admitted.object as Scale)
        : patched
      return prepareChange(scope, {
        ref,
        current,
        incoming,
        resourceVersion: resourceVersion && resourceVersion !== '0' ? resourceVersion : undefined,
        options,
        isPatch: true,
        ...(admitted && { admitted }),
      })
    },
  })
  return isScale ? resultOfObject(scaleOf(scope.definition, result.object)) : result
}

/** Refuses a patch that makes a Scale that of another object; of custom resources its uid is not looked at. */
function matchScale(
  scope: ResourceScope,
  ref: ObjectRef,
  { scale, live }: { scale: KubeObject; live: KubeObject },
): void {
  matchRef(scope, scale, ref)
  const { uid } = scale.metadata
  if (isCustom(scope.definition) || !uid || uid === live.metadata.uid) return
  const { group, resource } = scope.resource
  const why = `Precondition failed: UID in precondition: ${uid}, UID in object meta: ${live.metadata.uid}`
  throw conflict({ group, resource: `${resource}/scale` }, ref.name, why)
}

/** The object without its managedFields, which are long, where the patch has nothing to do with them. */
function baseOf(object: KubeObject, patch: DocumentPatch): KubeObject {
  if (patch.type === 'json' || namesManagedFields(patch.patch)) return object
  const { managedFields: _unread, ...metadata } = object.metadata
  return { ...object, metadata }
}

function namesManagedFields(patch: unknown): boolean {
  if (typeof patch !== 'object' || patch === null || '$patch' in patch) return true
  const { metadata } = patch as { metadata?: unknown }
  if (metadata === undefined) return false
  return (
    typeof metadata !== 'object' || metadata === null || '$patch' in metadata || 'managedFields' in metadata
  )
}

/**
 * What the refusal of a patch shows: the patched document as Go writes it, maps sorted; a strategic patch itself (upstream:
 * jsonPatcher and smpPatcher in handlers/patch.go).
 */
function shownDocument(whole: KubeObject, patch: DocumentPatch, type: BodyType): string {
  if (patch.type === 'strategic') return goValue(patch.patch)
  const document = applyPatch(whole, patch, type.schema.node)
  if (type.isCustom || typeof document !== 'object' || document === null) return goMapJson(document)
  // Of a Go type only what the patch goes through becomes a map: its first level, as far as is looked here.
  return goJson(Object.fromEntries(membersOf(document)))
}
