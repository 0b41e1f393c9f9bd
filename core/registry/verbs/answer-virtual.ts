import type { KubeObject } from '../../api/meta.ts'
import { internalError, invalid } from '../../api/status.ts'
import type { WriteOptions, WriteResult } from '../registry.ts'
import { trackCreate } from '../apply/field-manager.ts'
import { attributesOf } from './attributes.ts'
import { bodyTypeOf } from './body-type.ts'
import { decodeBody } from './decode-body.ts'
import { admitWrite, validateAdmission } from './run-admission.ts'
import { matchNamespace, requiredNamespace } from './scope.ts'
import type { ResourceScope } from './scope.ts'
import { fieldTarget } from './writer.ts'
import { resultOfObject } from './write-result.ts'

/**
 * Creates an object of a virtual kind, such as an access review: read and checked as any other, then answered and
 * forgotten. It needs no name and gets none.
 */
export async function answerVirtual(
  scope: ResourceScope,
  namespace: string | undefined,
  request: { body: KubeObject; options: WriteOptions },
): Promise<WriteResult> {
  const { definition, admission, answer } = scope
  const { group, kind } = definition
  const { options } = request
  const { context } = options
  if (!answer) throw internalError(`this server has no answer for ${kind}`)
  const object = decodeBody(bodyTypeOf(scope), request.body, options)
  const ref = { namespace: requiredNamespace(scope, { namespace }), name: object.metadata.name }
  matchNamespace(object, ref.namespace)
  definition.default?.(object)
  const managedFields = trackCreate(fieldTarget(scope, options), object)
  if (managedFields.length > 0) object.metadata.managedFields = managedFields
  else delete object.metadata.managedFields
  const attributes = attributesOf(scope, ref, {
    operation: 'CREATE',
    object,
    oldObject: undefined,
    options,
    context,
  })
  await admitWrite(admission, attributes)
  const admitted = attributes.object ?? object
  const errors = scope.schema.validate(admitted, { own: definition.validate?.(admitted) ?? [] })
  // Upstream's handlers of reviews name the group alone.
  if (errors.length > 0) throw invalid({ group, kind: '' }, '', errors)
  await validateAdmission(admission, { ...attributes, object: admitted })
  return resultOfObject(await answer(admitted, context))
}
