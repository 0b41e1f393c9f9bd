import type { PathItem } from './paths.ts'
import type {
  SwaggerDocument,
  SwaggerOperation,
  SwaggerParameter,
  SwaggerPathItem,
  SwaggerSchema,
} from './swagger-document.ts'

/** The parts of an OpenAPI v3 document that the conversion reads. */
export interface OpenApiDocument {
  openapi: '3.0.0'
  info: { title: string; version: string }
  paths: Record<string, PathItem>
  components: { schemas: Record<string, SwaggerSchema>; securitySchemes?: object }
}

interface OpenApiOperation {
  tags: string[]
  operationId: string
  parameters?: OpenApiParameter[]
  requestBody?: { content: Record<string, { schema: SwaggerSchema }> }
  responses: Record<string, { description: string; content?: Record<string, { schema: SwaggerSchema }> }>
  'x-kubernetes-action': string
  'x-kubernetes-group-version-kind': unknown
}
type OpenApiParameter = SwaggerParameter & { schema: { type: string; uniqueItems: boolean } }

const gvkExtension = 'x-kubernetes-group-version-kind'
const v2Schema = 'x-kubernetes-v2-schema'
const preserveExtension = 'x-kubernetes-preserve-unknown-fields'
/** Members that Swagger 2.0 does not have, or that upstream leaves out of it. */
const dropped = new Set(['default', 'nullable', 'oneOf', 'anyOf', 'not', v2Schema])

/**
 * A schema of OpenAPI v3 in Swagger 2.0's terms: `$ref` stands beside its description, unions are flattened. Where unknown fields are
 * kept nothing is said of the known ones, which older kubectls would take for all there may be, and at the root of a kind nothing but
 * its type (upstream: apiextensions-apiserver pkg/controller/openapi/v2/conversion.go and builder/builder.go).
 */
function toSwaggerSchema(schema: SwaggerSchema): SwaggerSchema {
  const flat = schema[v2Schema]
  if (flat !== undefined) return { ...withoutUnion(schema), ...(flat as SwaggerSchema) }
  if (schema[preserveExtension] !== true) return withoutUnion(schema)
  const kinds = schema[gvkExtension]
  if (kinds !== undefined) return { type: 'object', [gvkExtension]: kinds }
  const { properties: _known, items: _item, ...open } = schema
  return withoutUnion(open)
}

function withoutUnion(schema: SwaggerSchema): SwaggerSchema {
  const result: SwaggerSchema = {}
  for (const [key, value] of Object.entries(schema)) {
    if (dropped.has(key)) continue
    if (key === '$ref') result[key] = toDefinition(value as string)
    else if (key === 'allOf' && Array.isArray(value) && value.length === 1) {
      Object.assign(result, toSwaggerSchema(value[0] as SwaggerSchema))
    } else if (key === 'properties') {
      const properties = Object.entries(value as Record<string, SwaggerSchema>)
      result[key] = Object.fromEntries(
        properties.map(([name, property]) => [name, toSwaggerSchema(property)]),
      )
    } else if (
      (key === 'items' || key === 'additionalProperties') &&
      typeof value === 'object' &&
      value !== null
    ) {
      result[key] = toSwaggerSchema(value as SwaggerSchema)
    } else result[key] = value
  }
  return result
}

function toDefinition(ref: string): string {
  return ref.replace('#/components/schemas/', '#/definitions/')
}

function toSwaggerParameter({ schema, ...rest }: OpenApiParameter): SwaggerParameter {
  return { ...rest, ...schema }
}

function toSwaggerOperation(operation: OpenApiOperation): SwaggerOperation {
  const { requestBody, responses } = operation
  const parameters = (operation.parameters ?? []).map(toSwaggerParameter)
  const contents = Object.values(requestBody?.content ?? {})
  if (contents[0]) {
    parameters.unshift({
      name: 'body',
      in: 'body',
      required: true,
      schema: toSwaggerSchema(contents[0].schema),
    })
  }
  return {
    tags: operation.tags,
    operationId: operation.operationId,
    consumes: requestBody ? Object.keys(requestBody.content) : ['*/*'],
    produces: ['application/json', 'application/yaml'],
    ...(parameters.length > 0 ? { parameters } : {}),
    responses: Object.fromEntries(
      Object.entries(responses).map(([code, { description, content }]) => {
        const schema = Object.values(content ?? {})[0]?.schema
        return [code, schema ? { description, schema: toSwaggerSchema(schema) } : { description }]
      }),
    ),
    'x-kubernetes-action': operation['x-kubernetes-action'],
    [gvkExtension]: operation[gvkExtension],
  }
}

function toSwaggerPath(item: PathItem): SwaggerPathItem {
  return Object.fromEntries(
    Object.entries(item).map(([key, value]) => [
      key,
      key === 'parameters'
        ? (value as OpenApiParameter[]).map(toSwaggerParameter)
        : toSwaggerOperation(value as OpenApiOperation),
    ]),
  )
}

/** Joins the OpenAPI v3 documents of all group versions into one Swagger 2.0 document. */
export function toSwagger(documents: OpenApiDocument[]): SwaggerDocument {
  const paths: SwaggerDocument['paths'] = {}
  const definitions: SwaggerDocument['definitions'] = {}
  for (const document of documents) {
    for (const [path, item] of Object.entries(document.paths)) paths[path] = toSwaggerPath(item)
    for (const [name, schema] of Object.entries(document.components.schemas)) {
      // The document that serves a kind is the one that says which kind its schema is.
      if (!definitions[name] || schema[gvkExtension] !== undefined)
        definitions[name] = toSwaggerSchema(schema)
    }
  }
  const info = documents[0]?.info ?? { title: 'Kubernetes', version: '' }
  return { swagger: '2.0', info, paths, definitions }
}
