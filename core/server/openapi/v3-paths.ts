import { namesOfOperation } from './operation-names.ts'
import { arrangeRoutes } from './path-items.ts'
import { answerDescriptions, type Model, type Route, type RouteParameter } from './route.ts'

export type PathItem = Record<string, unknown>

const componentPrefix = '#/components/schemas/'

export function componentRef(name: string): { $ref: string } {
  return { $ref: componentPrefix + name }
}

/** Routes as the paths of an OpenAPI v3 document (upstream: kube-openapi pkg/builder3/openapi.go). */
export function toPathItems(routes: Route[]): Record<string, PathItem> {
  return Object.fromEntries(
    arrangeRoutes(routes).map(([path, { parameters, routes: list }]) => [
      path,
      {
        ...Object.fromEntries(list.map((one) => [one.route.method, toOperation(one.route, one.parameters)])),
        ...parametersOf(parameters),
      },
    ]),
  )
}

function toOperation(route: Route, parameters: RouteParameter[]): object {
  const { description, body, consumes = [], produces = [], answers, action, kind } = route
  const { tags, operationId } = namesOfOperation(route)
  const responses = Object.entries(answers).map(([code, model]) => [
    code,
    { description: answerDescriptions[code], content: contentOf(produces, model) },
  ])
  return {
    tags,
    ...(description && { description }),
    operationId,
    ...parametersOf(parameters),
    ...(body && {
      requestBody: {
        content: contentOf(consumes, body),
        ...(body.isRequired && { required: true }),
      },
    }),
    responses: { ...(Object.fromEntries(responses) as object), 401: { description: 'Unauthorized' } },
    ...(action && { 'x-kubernetes-action': action }),
    ...(kind && { 'x-kubernetes-group-version-kind': kind }),
  }
}

function parametersOf(parameters: RouteParameter[]): { parameters?: object[] } {
  if (parameters.length === 0) return {}
  return {
    parameters: parameters.map(({ name, in: place, type, description }) => ({
      name,
      in: place,
      ...(description && { description }),
      ...(place === 'path' && { required: true }),
      schema: { type, uniqueItems: true },
    })),
  }
}

function contentOf(types: readonly string[], model: Model): object {
  const schema = 'schema' in model ? componentRef(model.schema) : { type: model.type }
  return Object.fromEntries(types.map((type) => [type, { schema }]))
}
