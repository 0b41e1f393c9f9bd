import type { KubeObject } from '../../api/meta.ts'
import { apiVersionOf } from '../../api/gvk.ts'
import { trackCreate } from '../apply/field-manager.ts'
import type { SubresourceRequest, WriteOptions } from '../registry.ts'
import { attributesOf } from './attributes.ts'
import type { BodyType } from './body-type.ts'
import { decodeBody } from './decode-body.ts'
import { createObjectEditor } from './object-editor.ts'
import { admitWrite, validateAdmission } from './run-admission.ts'
import { matchNamespace } from './scope.ts'
import type { ObjectRef, ResourceScope } from './scope.ts'
import { bodyType } from './subresource.ts'
import { fieldTarget } from './writer.ts'

/**
 * Asks admission about a request to a subresource that is not the registry's to serve: a connection (upstream:
 * pkg/endpoints/handlers/rest.go ConnectResource), a token, an eviction. Gives the body as admission left it.
 */
export async function admitSubresource(
  scope: ResourceScope,
  ref: ObjectRef,
  request: SubresourceRequest,
): Promise<KubeObject> {
  const { operation, subresource, kind } = request
  const isCreate = request.operation === 'CREATE'
  const type = isCreate ? bodyType(scope, kind) : undefined
  const object = isCreate && type ? decodeBody(type, request.object, request.options) : request.object
  if (isCreate && type) ownNew(scope, object, { type, subresource, options: request.options })
  if (isCreate) matchNamespace(object, scope.definition.namespaced ? ref.namespace : undefined)
  const attributes = attributesOf(scope, ref, {
    operation,
    subresource,
    object,
    oldObject: undefined,
    body: { kind, ...(type && { editor: createObjectEditor(type) }) },
    ...(isCreate && { options: request.options }),
    context: isCreate ? request.options.context : request.context,
  })
  await admitWrite(scope.admission, attributes)
  if (isCreate) await request.check(attributes.object ?? object)
  await validateAdmission(scope.admission, attributes)
  return attributes.object ?? object
}

/** Who sends a body owns its fields, as of any other object. */
function ownNew(
  scope: ResourceScope,
  object: KubeObject,
  { type, subresource, options }: { type: BodyType; subresource: string; options: WriteOptions },
): void {
  const target = fieldTarget(scope, options)
  const writer = { ...target.writer, apiVersion: apiVersionOf(type), subresource, owns: () => true }
  const managedFields = trackCreate({ ...target, schema: type.schema, writer }, object)
  if (managedFields.length > 0) object.metadata.managedFields = managedFields
  else delete object.metadata.managedFields
}
