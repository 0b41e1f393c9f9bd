import type { KubeObject } from '../../api/meta.ts'
import type { SubresourceRequest } from '../registry.ts'
import { attributesOf } from './attributes.ts'
import { admitWrite, validateAdmission } from './run-admission.ts'
import type { ObjectRef, ResourceScope } from './scope.ts'

/**
 * Asks admission about a request to a subresource that is not the registry's to serve: a connection (upstream:
 * pkg/endpoints/handlers/rest.go ConnectResource), a token, an eviction. Gives the body as admission left it.
 */
export async function admitSubresource(
  scope: ResourceScope,
  ref: ObjectRef,
  request: SubresourceRequest,
): Promise<KubeObject> {
  const { operation, subresource, object, kind, context, options } = request
  const attributes = attributesOf(scope, ref, {
    operation,
    subresource,
    object,
    oldObject: undefined,
    body: { kind },
    ...(options && { options }),
    context,
  })
  await admitWrite(scope.admission, attributes)
  await validateAdmission(scope.admission, attributes)
  return attributes.object ?? object
}
