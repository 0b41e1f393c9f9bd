import { isCustom, type KindDefinition, type Verb } from '../../registry/kind.ts'
import type { Registry, ResourceRegistry } from '../../registry/registry.ts'
import { badRequest, methodNotAllowed, methodNotSupported } from '../../api/status.ts'
import { pageNotFound, pathNotFound, type StatusError } from '../../api/status.ts'
import { isBuiltInGroup } from '../aggregation/group-priorities.ts'
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

/** Finds what a request addresses. Throws 404 when nothing serves it or the scope does not fit. */
export function findTarget(registry: Registry, info: RequestInfo): Target {
  const resource = registry.resource(info.apiGroup, info.apiVersion, info.resource)
  if (!resource) throw unknownUnder(info.apiGroup)
  if (info.parts.length > 3) throw pageNotFound()
  const { definition } = resource
  // `/namespaces/x` names a namespace; its own scope is the cluster.
  const namespace = definition.namespaced && info.namespace ? info.namespace : undefined
  if (!definition.namespaced && info.namespace && info.resource !== 'namespaces') throw outOfScope(definition)
  if (definition.namespaced && !namespace) {
    if (info.parts.length > 1) throw outOfScope(definition)
    // Across all namespaces objects are only read; built-in kinds refuse the rest by verb.
    if (isCustom(definition) && !acrossNamespaces.has(info.verb)) throw pathNotFound()
  }
  return { resource, definition, namespace, name: info.name, subresource: info.subresource || undefined }
}

const acrossNamespaces = new Set(['list', 'watch'])

/** Nobody serves a path that names a namespace where there is none, or none where there is one. */
function outOfScope(definition: KindDefinition): StatusError {
  return isCustom(definition) ? pathNotFound() : pageNotFound()
}

/** The 404 of what a group does not have: built-in groups have routes, and say so in a Status (upstream: director.go). */
export function unknownUnder(group: string): StatusError {
  return isBuiltInGroup(group) ? pageNotFound() : pathNotFound()
}

/**
 * 405: the kind has no such verb here. Built-in kinds have routes, and refuse what is none as any other path does; custom
 * ones are served by one handler, which says more (upstream: customresource_handler.go).
 */
export function verbRefused(definition: KindDefinition, verb: string): StatusError {
  if (!isCustom(definition)) return methodNotAllowed()
  return methodNotSupported({ group: definition.group, resource: definition.names.plural }, verb)
}

/** Throws 405 when the kind does not offer the verb, or not for all namespaces at once. */
export function requireVerb({ definition, namespace }: Target, verb: Verb): void {
  if (definition.withoutVerbs?.includes(verb)) throw verbRefused(definition, verb)
  const isForOneNamespace = verb === 'create' || verb === 'deletecollection'
  if (isForOneNamespace && definition.namespaced && !namespace && !isCustom(definition)) {
    throw methodNotAllowed()
  }
}

/** The reference to an existing object. Throws 405, or 400 of a custom kind, when the URL gives no name. */
export function requireName(target: Target): { namespace: string | undefined; name: string } {
  if (!target.name) {
    throw isCustom(target.definition) ? badRequest('name must be provided') : methodNotAllowed()
  }
  return { namespace: target.namespace, name: target.name }
}
