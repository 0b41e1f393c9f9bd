import type { ObjectReference } from '../api/generated/core-v1.ts'
import { apiVersionOf, type Resource } from '../api/gvk.ts'
import type { KubeObject, OwnerReference } from '../api/meta.ts'

/** A reference to an object as Events carry it. */
export function referenceTo(resource: Resource, object: KubeObject): ObjectReference {
  const { name, namespace, uid, resourceVersion } = object.metadata
  const reference: ObjectReference = { kind: resource.kind, apiVersion: apiVersionOf(resource), name }
  if (namespace !== undefined) reference.namespace = namespace
  if (uid !== undefined) reference.uid = uid
  if (resourceVersion !== undefined) reference.resourceVersion = resourceVersion
  return reference
}

/** The owner reference of a managing controller (upstream: metav1.NewControllerRef). */
export function controllerReference(resource: Resource, owner: KubeObject): OwnerReference {
  return {
    apiVersion: apiVersionOf(resource),
    kind: resource.kind,
    name: owner.metadata.name,
    uid: owner.metadata.uid ?? '',
    controller: true,
    blockOwnerDeletion: true,
  }
}
