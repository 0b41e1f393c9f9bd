import type { KubeObject } from '../../api/meta.ts'
import { badRequest, isNotFound } from '../../api/status.ts'
import { Stint } from '../../util/stint.ts'
import { isCustom } from '../kind.ts'
import type { WriteOptions, WriteResult } from '../registry.ts'
import { admitScale } from './admit-scale.ts'
import { createDecoded } from './create.ts'
import { bodyTypeOf } from './body-type.ts'
import { decodeBody } from './decode-body.ts'
import { prepareChange } from './prepare-change.ts'
import { dedupeOwnerReferences } from './owner-references.ts'
import { matchRef, requireVerb, requiredNamespace } from './scope.ts'
import type { ObjectRef, ResourceScope } from './scope.ts'
import { applyScale, scaleOf, scaleType } from './scale.ts'
import type { Scale } from './scale.ts'
import { requireWritable } from './subresource.ts'
import { runUpdateCycle } from './update-cycle.ts'
import { resultOfObject } from './write-result.ts'

export interface UpdateRequest {
  body: KubeObject
  options: WriteOptions
}

/**
 * Replaces an object, or its part behind `status` or a named subresource (upstream: store.Update). With a
 * resourceVersion in the body a newer state is a Conflict; without one the newest state is replaced, unless the kind
 * requires a version. A kind that `createsOnUpdate` is created when absent.
 */
export async function updateObject(
  scope: ResourceScope,
  ref: ObjectRef,
  request: UpdateRequest,
): Promise<WriteResult> {
  const { options } = request
  const { subresource } = options
  if (subresource === undefined) requireVerb(scope, 'update')
  else requireWritable(scope, { subresource, verb: 'update' })
  if (subresource === 'scale') return updateScale(scope, ref, request)
  const { definition } = scope
  // Every attempt decodes anew, since hooks change the copy; warnings are only given once.
  const stint = new Stint()
  let decoded = read(scope, request)
  if (stint.isLong) await stint.rest()
  dedupeOwnerReferences(decoded, options.context, 'before')
  matchRef(scope, decoded, ref)
  let isFresh = true
  try {
    return await runUpdateCycle(scope, ref, {
      dryRun: options.context.dryRun,
      propose: async (current) => {
        if (!isFresh)
          decoded = read(scope, { ...request, options: { ...options, fieldValidation: 'Ignore' } })
        isFresh = false
        const { resourceVersion } = decoded.metadata
        return prepareChange(scope, {
          ref,
          current,
          incoming: decoded,
          resourceVersion: resourceVersion && resourceVersion !== '0' ? resourceVersion : undefined,
          options,
        })
      },
    })
  } catch (error) {
    if (!isNotFound(error) || !definition.createsOnUpdate || subresource !== undefined || !isFresh)
      throw error
  }
  const namespace = requiredNamespace(scope, ref)
  await options.authorizeCreate?.()
  return createDecoded(scope, { namespace, object: decoded, options })
}

async function updateScale(
  scope: ResourceScope,
  ref: ObjectRef,
  { body, options }: UpdateRequest,
): Promise<WriteResult> {
  const { definition } = scope
  const scale = readScale(scope, body, options)
  matchRef(scope, scale, ref)
  const { name, namespace, resourceVersion, uid } = scale.metadata
  const result = await runUpdateCycle(scope, ref, {
    dryRun: options.context.dryRun,
    propose: async (current) => {
      const admitted = await admitScale(scope, ref, { current: current.object, scale, options })
      const incoming = applyScale(definition, current.object, admitted.object as Scale)
      Object.assign(incoming.metadata, { name, ...(namespace && { namespace }), ...(uid && { uid }) })
      return prepareChange(scope, {
        ref,
        current,
        incoming,
        resourceVersion: resourceVersion && resourceVersion !== '0' ? resourceVersion : undefined,
        options,
        admitted,
      })
    },
  })
  return resultOfObject(scaleOf(definition, result.object))
}

function readScale(scope: ResourceScope, body: KubeObject, options: WriteOptions): Scale {
  try {
    return decodeBody(scaleType(scope), body, options) as Scale
  } catch (error) {
    // Of custom resources upstream cannot say what a Scale should have been.
    throw isCustom(scope.definition) ? badRequest(unknownScale) : error
  }
}

const unknownScale =
  'no kind is registered for the type v1.Scale in scheme "k8s.io/apiextensions-apiserver/pkg/apiserver/customresource_handler.go:781"'

function read(scope: ResourceScope, { body, options }: UpdateRequest): KubeObject {
  const { definition } = scope
  const object = decodeBody(bodyTypeOf(scope), body, options)
  definition.default?.(object)
  return object
}
