import { isCustom, type KindDefinition, type Verb } from '../../registry/kind.ts'
import type { Registry, ResourceRegistry } from '../../registry/registry.ts'
import { badRequest, methodNotSupported, pageNotFound, pathNotFound } from '../../api/status.ts'
import type { RequestInfo } from '../request-info.ts'

/** The resource a request addresses. */
export interface Target {
  resource: ResourceRegistry
  definition: KindDefinition
  /** Undefined for cluster-scoped kinds and for all namespaces. */
  namespace: string | undefined
  name: string
  subresource: string | undefined
}

/** Finds what a request addresses. Throws 404 when nothing serves it and 400 when the scope does not fit. */
export function findTarget(registry: Registry, info: RequestInfo): Target {
  const resource = registry.resource(info.apiGroup, info.apiVersion, info.resource)
  if (!resource) throw isOwnVersion(registry, info) ? pageNotFound() : pathNotFound()
  if (info.parts.length > 3) throw pageNotFound()
  const { definition } = resource
  // `/namespaces/x` names a namespace; its own scope is the cluster.
  const namespace = definition.namespaced && info.namespace ? info.namespace : undefined
  if (!definition.namespaced && info.namespace && info.resource !== 'namespaces') throw pageNotFound()
  if (definition.namespaced && !namespace && info.parts.length > 1) throw pageNotFound()
  return { resource, definition, namespace, name: info.name, subresource: info.subresource || undefined }
}

/** Whether built-in kinds are of that version: then its own server refuses what is none of them. */
function isOwnVersion(registry: Registry, { apiGroup, apiVersion }: RequestInfo): boolean {
  return registry
    .kinds()
    .some((kind) => kind.group === apiGroup && kind.version === apiVersion && !isCustom(kind))
}

/** Throws 405 when the kind does not offer the verb. */
export function requireVerb(target: Target, verb: Verb): void {
  const { definition } = target
  if (definition.withoutVerbs?.includes(verb)) {
    throw methodNotSupported({ group: definition.group, resource: definition.names.plural }, verb)
  }
}

/** The reference to an existing object. Throws 400 when the URL gives no name. */
export function requireName(target: Target): { namespace: string | undefined; name: string } {
  if (!target.name) throw badRequest('name must be provided')
  return { namespace: target.namespace, name: target.name }
}
