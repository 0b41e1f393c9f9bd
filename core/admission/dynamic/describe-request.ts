import type { GroupVersionKind, GroupVersionResource } from '../../api/gvk.ts'
import type { AdmissionAttributes } from '../../api/request.ts'

/**
 * A request as webhooks and expressions are told of it, without its objects (upstream: AdmissionRequest). `attributes` is
 * the request in the version that was asked for by a rule, `requested` as it came.
 */
export function describeRequest(
  attributes: AdmissionAttributes,
  requested: AdmissionAttributes,
): Record<string, unknown> {
  const { resource, subresource, namespace, name, operation, context } = attributes
  const isNamespace = resource.group === '' && resource.resource === 'namespaces'
  const where = isNamespace ? name : namespace
  const { user } = context
  return {
    kind: kindOf(attributes),
    resource: resourceOf(attributes),
    ...(subresource !== undefined && { subResource: subresource }),
    requestKind: kindOf(requested),
    requestResource: resourceOf(requested),
    ...(subresource !== undefined && { requestSubResource: subresource }),
    ...(name && { name }),
    ...(where && { namespace: where }),
    operation,
    userInfo: {
      username: user.name,
      ...(user.uid && { uid: user.uid }),
      groups: user.groups,
      ...(user.extra && { extra: user.extra }),
    },
    dryRun: context.dryRun,
    options: optionsOf(attributes),
  }
}

function kindOf({ objectKind, resource, kind: own }: AdmissionAttributes): GroupVersionKind {
  const { group, version, kind } = objectKind ?? { ...resource, kind: own }
  return { group, version, kind }
}

function resourceOf({ resource: { group, version, resource } }: AdmissionAttributes): GroupVersionResource {
  return { group, version, resource }
}

/** The options of the request as the object that came with it, or would have. */
function optionsOf({ operation, isPatch, options, context }: AdmissionAttributes): object | null {
  if (operation === 'CONNECT') return null
  const kind = {
    CREATE: 'CreateOptions',
    UPDATE: isPatch ? 'PatchOptions' : 'UpdateOptions',
    DELETE: 'DeleteOptions',
  }[operation]
  const { fieldValidation, gracePeriodSeconds, propagationPolicy, preconditions } = options ?? {}
  return {
    kind,
    apiVersion: 'meta.k8s.io/v1',
    ...(context.dryRun && { dryRun: ['All'] }),
    ...(operation === 'DELETE'
      ? {
          ...(gracePeriodSeconds !== undefined && { gracePeriodSeconds }),
          ...(propagationPolicy && { propagationPolicy }),
          ...(preconditions && { preconditions }),
        }
      : {
          ...(context.fieldManager && { fieldManager: context.fieldManager }),
          ...(fieldValidation && { fieldValidation }),
        }),
  }
}
