import { apiVersionOf } from '../../api/gvk.ts'
import type { KubeObject, ManagedFieldsEntry } from '../../api/meta.ts'
import { badRequest, conflict, isNotFound } from '../../api/status.ts'
import { Stint } from '../../util/stint.ts'
import { checkConfiguration } from '../apply/check-configuration.ts'
import { applyConfiguration, refuseManagedFields } from '../apply/field-manager.ts'
import type { WriteOptions, WriteResult } from '../registry.ts'
import { createDecoded } from './create.ts'
import { bodyTypeOf } from './body-type.ts'
import { decodeBody } from './decode-body.ts'
import { prepareChange } from './prepare-change.ts'
import { matchRef, requireVerb, requiredNamespace } from './scope.ts'
import type { ObjectRef, ResourceScope } from './scope.ts'
import { applyScale, scaleOf, scaleType } from './scale.ts'
import type { Scale } from './scale.ts'
import { resultOfObject } from './write-result.ts'
import { requireWritable } from './subresource.ts'
import { runUpdateCycle } from './update-cycle.ts'
import { trackFields } from './writer.ts'

export interface ApplyPatch {
  config: unknown
  force: boolean
  options: WriteOptions
}

/**
 * Server-side apply (upstream: handlers/patch.go applyPatcher): merges the configuration into the object by field
 * ownership, or creates the object. Throws 409 for fields that others own, unless forced.
 */
export async function applyObject(
  scope: ResourceScope,
  ref: ObjectRef,
  patch: ApplyPatch,
): Promise<WriteResult> {
  const { options } = patch
  const { subresource } = options
  if (subresource === undefined) requireVerb(scope, 'patch')
  else requireWritable(scope, { subresource, verb: 'patch' })
  const isScale = subresource === 'scale'
  const stint = new Stint()
  const config = isScale ? readScale(scope, ref, patch) : readConfiguration(scope, ref, patch)
  if (stint.isLong) await stint.rest()
  try {
    const result = await runUpdateCycle(scope, ref, {
      dryRun: options.context.dryRun,
      propose: async (current) => {
        const { object, managedFields } = await merge(scope, patch, { live: current.object, config })
        const { resourceVersion } = config.metadata
        const request = { ref, current, incoming: object, options, managedFields, isPatch: true }
        return prepareChange(scope, { ...request, resourceVersion: resourceVersion || undefined })
      },
    })
    return isScale ? resultOfObject(scaleOf(scope.definition, result.object)) : result
  } catch (error) {
    if (!isNotFound(error) || subresource !== undefined) throw error
  }
  const { uid } = config.metadata
  if (uid) {
    const why = `uid mismatch: the provided object specified uid ${uid}, and no existing object was found`
    throw conflict(scope.resource, ref.name, why)
  }
  const { metadata } = patch.config as Partial<KubeObject>
  if (!isScale && !metadata?.name) {
    const why = 'name must be provided'
    throw badRequest(`the name of the object (${ref.name} based on URL) was undeterminable: ${why}`)
  }
  await options.authorizeCreate?.()
  const { object, managedFields } = await merge(scope, patch, { live: undefined, config })
  // A version is only looked at where there is something to compare it with, as upstream.
  delete object.metadata.resourceVersion
  return createDecoded(scope, { namespace: requiredNamespace(scope, ref), object, options, managedFields })
}

/** Checks the configuration as a body of this kind, and gives it as it came, for this place: defaults are not applied to it. */
function readConfiguration(
  scope: ResourceScope,
  ref: ObjectRef,
  { config, options }: ApplyPatch,
): KubeObject {
  const given = typesOf(config, { apiVersion: scope.apiVersion, kind: scope.definition.kind })
  refuseManagedFields(given)
  checkConfiguration(given, scope.schema.node)
  const decoded = decodeBody(bodyTypeOf(scope), config, options)
  checkPlace(scope, decoded, ref)
  // Only read: what becomes of it is decoded, which copies.
  const copy = { ...(config as KubeObject) }
  copy.metadata = { ...copy.metadata, name: ref.name }
  if (scope.definition.namespaced && ref.namespace) copy.metadata.namespace = ref.namespace
  else delete copy.metadata.namespace
  return copy
}

/** The configuration, which must say exactly what it is (upstream: managedfields/internal/versioncheck.go). */
function typesOf(config: unknown, wanted: { apiVersion: string; kind: string }): Partial<KubeObject> {
  const given = (typeof config === 'object' && config !== null ? config : {}) as Partial<KubeObject>
  if (given.apiVersion === wanted.apiVersion && given.kind === wanted.kind) return given
  const [apiVersion, kind] = [given.apiVersion, given.kind].map((text: unknown) =>
    typeof text === 'string' ? text : '',
  ) as [string, string]
  const parts = apiVersion.split('/').length
  if (parts > 2) throw badRequest('invalid object type: /, Kind=')
  const version = parts === 2 ? apiVersion : `/${apiVersion}`
  throw badRequest(`invalid object type: ${version}, Kind=${kind}`)
}

/** Refuses a configuration for another object than the URL's; it need not say which it is for. */
function checkPlace(scope: ResourceScope, { metadata }: KubeObject, ref: ObjectRef): void {
  matchRef(scope, { metadata: { ...metadata, name: metadata.name || ref.name } } as KubeObject, ref)
}

/**
 * A Scale as the part of its parent's configuration that it stands for, so that its writer owns the replicas there
 * (upstream: managedfields/scalehandler.go).
 */
function readScale(scope: ResourceScope, ref: ObjectRef, { config, options }: ApplyPatch): KubeObject {
  typesOf(config, { apiVersion: apiVersionOf(scaleType(scope)), kind: 'Scale' })
  const scale = decodeBody(scaleType(scope), config, options) as Scale
  checkPlace(scope, scale, ref)
  refuseManagedFields(scale)
  const { resourceVersion, uid } = scale.metadata
  const metadata = {
    name: ref.name,
    ...(ref.namespace && { namespace: ref.namespace }),
    ...(resourceVersion && { resourceVersion }),
    ...(uid && { uid }),
  }
  const bare: KubeObject = { apiVersion: scope.apiVersion, kind: scope.definition.kind, metadata }
  // Who does not name replicas owns none.
  const asked = (config as { spec?: { replicas?: unknown } }).spec?.replicas
  return asked === undefined || asked === null ? bare : applyScale(scope.definition, bare, scale)
}

async function merge(
  scope: ResourceScope,
  { config: given, force, options }: ApplyPatch,
  { live, config }: { live: KubeObject | undefined; config: KubeObject },
): Promise<{ object: KubeObject; managedFields: ManagedFieldsEntry[] }> {
  const stint = new Stint()
  const result = await trackFields(scope, options, (target) =>
    applyConfiguration(target, { live, config, given: given as KubeObject, force }),
  )
  if (stint.isLong) await stint.rest()
  const { definition, apiVersion } = scope
  const object = { ...result.object, apiVersion, kind: definition.kind }
  definition.default?.(object)
  return { object, managedFields: result.managedFields }
}
