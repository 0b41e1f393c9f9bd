import type { KubeObject } from '../../api/meta.ts'
import type { SubresourceRequest } from '../registry.ts'
import { attributesOf } from './attributes.ts'
import { decodeBody } from './decode-body.ts'
import { createObjectEditor } from './object-editor.ts'
import { admitWrite, validateAdmission } from './run-admission.ts'
import { matchNamespace } from './scope.ts'
import type { ObjectRef, ResourceScope } from './scope.ts'
import { bodyType } from './subresource.ts'

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
