import type { Schema } from '../../registry/schema/schema.ts'
import { describeParameter } from './parameter-descriptions.ts'
import type { RouteParameter } from './route.ts'

const metaPrefix = 'io.k8s.apimachinery.pkg.apis.meta.v1.'

/** The options of API verbs, as they stand in a query. */
export interface OptionParameters {
  /** Those of a schema such as `io.k8s.api.core.v1.PodLogOptions`, or of a short name such as `ListOptions`. */
  of(options: string): RouteParameter[]
}

/**
 * Reads options off their schemas: fields that are neither objects nor the kind are parameters, lists such that may be
 * repeated (upstream: apiserver pkg/endpoints/installer.go AddObjectParams).
 */
export function createOptionParameters(schemas: Record<string, Schema>): OptionParameters {
  const known = new Map<string, RouteParameter[]>()
  return {
    of(options) {
      const found = known.get(options) ?? read(schemas, options)
      known.set(options, found)
      return found
    },
  }
}

function read(schemas: Record<string, Schema>, options: string): RouteParameter[] {
  const name = options.includes('.') ? options : metaPrefix + options
  const short = name.slice(name.lastIndexOf('.') + 1)
  const parameters: RouteParameter[] = []
  for (const [field, { type: own, items }] of Object.entries(schemas[name]?.properties ?? {})) {
    const type = own === 'array' ? items?.type : own
    if (field === 'kind' || field === 'apiVersion') continue
    if (type === 'string' || type === 'integer' || type === 'boolean')
      parameters.push(query(field, type, describeParameter(field, short)))
  }
  return parameters
}

function query(name: string, type: RouteParameter['type'], description = ''): RouteParameter {
  return { name, in: 'query', type, ...(description && { description }) }
}

/** The parameter that every route of objects has. */
export const prettyParameter = query('pretty', 'string', describeParameter('pretty'))

/** A part of a path. */
export function pathParameter(name: string, description = describeParameter(name)): RouteParameter {
  return { name, in: 'path', type: 'string', ...(description && { description }) }
}
