import {
  bytesOf,
  chosenFlag,
  delimited,
  double,
  each,
  eachMember,
  empty,
  extensions,
  externalDocs,
  flag,
  free,
  integer,
  message,
  named,
  nested,
  plainFields,
  text,
  texts,
  type Piece,
  type PlainFields,
} from './gnostic-writer.ts'
import type {
  Reference,
  SecurityDefinition,
  SwaggerDocument,
  SwaggerOperation,
  SwaggerParameter,
  SwaggerPathItem,
  SwaggerSchema,
} from './swagger-document.ts'

/**
 * Swagger 2.0 in gnostic's protobuf form, which older kubectl asks for (field numbers: google/gnostic
 * openapiv2/OpenAPIv2.proto). What our documents always have may be missing in those of extension API servers.
 */
export function encodeSwagger(document: SwaggerDocument): Buffer {
  const { info, paths, definitions, parameters, security, securityDefinitions } = document
  const fields = [
    text(1, document.swagger),
    nested(2, text(1, info.title), text(2, info.version)),
    nested(
      8,
      eachMember<SwaggerPathItem>(paths, (path, item) => named(2, path, pathItem(item))),
    ),
    nested(
      9,
      eachMember<SwaggerSchema>(definitions, (name, schema) => named(1, name, encodeSchema(schema))),
    ),
    parameters === undefined
      ? empty
      : nested(
          10,
          eachMember<SwaggerParameter>(parameters, (name, one) => named(1, name, parameter(one))),
        ),
    each<Record<string, string[]>>(security, (one) =>
      nested(
        12,
        eachMember<string[]>(one, (name, scopes) => named(1, name, texts(1, scopes))),
      ),
    ),
    securityDefinitions === undefined
      ? empty
      : nested(
          13,
          eachMember<SecurityDefinition>(securityDefinitions, (name, one) =>
            named(1, name, securityItem(one)),
          ),
        ),
  ]
  return bytesOf(message(...fields))
}

function securityItem(value: SecurityDefinition): Piece {
  if (value.type !== 'apiKey') return empty
  return nested(2, text(1, value.type), text(2, value.name), text(3, value.in), text(4, value.description))
}

const operationFields: Record<string, number> = {
  get: 2,
  put: 3,
  post: 4,
  delete: 5,
  options: 6,
  head: 7,
  patch: 8,
}

function pathItem(item: SwaggerPathItem): Piece {
  const { parameters, ...operations } = item
  return message(
    eachMember<SwaggerOperation>(operations, (method, value) => {
      const field = operationFields[method]
      return field === undefined ? empty : delimited(field, operation(value))
    }),
    each(parameters, (one: SwaggerParameter | Reference) => nested(9, parameterItem(one))),
  )
}

function operation(value: SwaggerOperation): Piece {
  return message(
    texts(1, value.tags),
    text(3, value.description),
    text(5, value.operationId),
    texts(6, value.produces),
    texts(7, value.consumes),
    each(value.parameters, (one: SwaggerParameter | Reference) => nested(8, parameterItem(one))),
    nested(
      9,
      eachMember<{ description: string; schema?: SwaggerSchema }>(value.responses, (code, answer) =>
        named(1, code, response(answer)),
      ),
    ),
    texts(10, value.schemes),
    extensions(13, value),
  )
}

function response(answer: { description: string; schema?: SwaggerSchema }): Piece {
  const schema = answer.schema ? nested(2, delimited(1, encodeSchema(answer.schema))) : empty
  return nested(1, text(1, answer.description), schema)
}

function parameterItem(value: SwaggerParameter | Reference): Piece {
  return '$ref' in value ? nested(2, text(1, value.$ref)) : nested(1, parameter(value))
}

function parameter(value: SwaggerParameter): Piece {
  const { name, description, required, type, uniqueItems } = value
  if (value.in === 'body') {
    const schema = delimited(5, encodeSchema(value.schema ?? {}))
    return nested(1, text(1, description), text(2, name), text(3, 'body'), flag(4, required), schema)
  }
  const common = [flag(1, required), text(2, value.in), text(3, description), text(4, name)]
  const isQuery = value.in === 'query'
  const rest = isQuery ? [text(6, type), flag(20, uniqueItems)] : [text(5, type), flag(19, uniqueItems)]
  return nested(2, nested(isQuery ? 3 : 4, ...common, ...rest))
}

const anyField = (field: number, value: unknown): Piece => delimited(field, free(value))

const schemaFields: PlainFields = {
  $ref: [1, text],
  format: [2, text],
  title: [3, text],
  description: [4, text],
  default: [5, anyField],
  multipleOf: [6, double],
  maximum: [7, double],
  exclusiveMaximum: [8, flag],
  minimum: [9, double],
  exclusiveMinimum: [10, flag],
  maxLength: [11, integer],
  minLength: [12, integer],
  pattern: [13, text],
  maxItems: [14, integer],
  minItems: [15, integer],
  uniqueItems: [16, flag],
  maxProperties: [17, integer],
  minProperties: [18, integer],
  required: [19, texts],
  enum: [20, (field, values) => each(values, (value) => anyField(field, value))],
  additionalProperties: [21, additional],
  type: [22, (field, value) => nested(field, text(1, value))],
  items: [23, (field, value) => nested(field, delimited(1, encodeSchema(value as SwaggerSchema)))],
  allOf: [24, (field, values) => each(values, (one: SwaggerSchema) => delimited(field, encodeSchema(one)))],
  properties: [
    25,
    (field, values) =>
      nested(
        field,
        eachMember<SwaggerSchema>(values, (name, schema) => named(1, name, encodeSchema(schema))),
      ),
  ],
  externalDocs: [29, externalDocs],
  example: [30, anyField],
}

function encodeSchema(schema: SwaggerSchema): Piece {
  return message(plainFields(schema, schemaFields), extensions(31, schema))
}

function additional(field: number, value: unknown): Piece {
  if (typeof value === 'boolean') return nested(field, chosenFlag(2, value))
  return nested(field, delimited(1, encodeSchema(value as SwaggerSchema)))
}
