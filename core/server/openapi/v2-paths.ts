import { namesOfOperation } from './operation-names.ts'
import { arrangeRoutes } from './path-items.ts'
import { answerDescriptions, type Model, type Route, type RouteParameter } from './route.ts'
import type { SharedParameters } from './shared-parameters.ts'
import type { SwaggerOperation, SwaggerParameter, SwaggerPathItem } from './swagger-document.ts'

const definitionPrefix = '#/definitions/'

export function definitionRef(name: string): { $ref: string } {
  return { $ref: definitionPrefix + name }
}

/** Routes as the paths of a Swagger 2.0 document (upstream: kube-openapi pkg/builder/openapi.go). */
export function toSwaggerPaths(routes: Route[], shared: SharedParameters): Record<string, SwaggerPathItem> {
  return Object.fromEntries(
    arrangeRoutes(routes).map(([path, { parameters, routes: list }]) => {
      const item: SwaggerPathItem = {}
      for (const one of list) item[one.route.method] = toOperation(one.route, one.parameters, shared)
      if (parameters.length > 0) item.parameters = parameters.map((one) => shared.share(toParameter(one)))
      return [path, item]
    }),
  )
}

function toOperation(route: Route, parameters: RouteParameter[], shared: SharedParameters): SwaggerOperation {
  const { description, consumes, produces, answers, action, kind, body } = route
  const { tags, operationId } = namesOfOperation(route)
  const all = parameters.map(toParameter)
  if (body) all.push(bodyParameter(body))
  // A body stands among the others, by its name.
  all.sort((a, b) => (a.name < b.name ? -1 : 1))
  const responses = Object.entries(answers).map(([code, model]) => [
    code,
    { description: answerDescriptions[code], schema: schemaOf(model) },
  ])
  return {
    ...(description && { description }),
    ...(consumes && { consumes }),
    ...(produces && { produces }),
    schemes: ['https'],
    ...(tags && { tags }),
    operationId,
    ...(all.length > 0 && { parameters: all.map((one) => shared.share(one)) }),
    responses: { ...(Object.fromEntries(responses) as object), 401: { description: 'Unauthorized' } },
    ...(action && { 'x-kubernetes-action': action }),
    ...(kind && { 'x-kubernetes-group-version-kind': kind }),
  }
}

// Members stand in the order in which upstream writes them, so that equal parameters get equal names.
function toParameter({ name, in: place, type, description }: RouteParameter): SwaggerParameter {
  return {
    uniqueItems: true,
    type,
    ...(description && { description }),
    name,
    in: place,
    ...(place === 'path' && { required: true }),
  }
}

function bodyParameter({ schema, isRequired }: NonNullable<Route['body']>): SwaggerParameter {
  return { name: 'body', in: 'body', ...(isRequired && { required: true }), schema: definitionRef(schema) }
}

function schemaOf(model: Model): Record<string, unknown> {
  return 'schema' in model ? definitionRef(model.schema) : { type: model.type }
}
