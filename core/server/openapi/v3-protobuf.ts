import type { OpenApiDocument } from './document.ts'
import {
  bytesOf,
  chosenDouble,
  chosenFlag,
  chosenText,
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
import type { DocumentSchema } from './map-schema.ts'

type Value = Record<string, unknown>

/** OpenAPI v3 in gnostic's protobuf form (field numbers: google/gnostic openapiv3/OpenAPIv3.proto). */
export function encodeOpenApi({ openapi, info, paths, components }: OpenApiDocument): Buffer {
  const { schemas, securitySchemes } = components
  const fields = [
    text(1, openapi),
    nested(2, text(1, info.title), text(6, info.version)),
    nested(
      4,
      eachMember<Value>(paths, (path, item) => named(1, path, pathItem(item))),
    ),
    nested(
      5,
      schemas === undefined ? empty : delimited(1, namedSchemas(schemas)),
      securitySchemes === undefined
        ? empty
        : nested(
            7,
            eachMember<Value>(securitySchemes, (name, one) => named(1, name, securityScheme(one))),
          ),
    ),
  ]
  return bytesOf(message(...fields))
}

function securityScheme(value: Value): Piece {
  return nested(
    1,
    text(1, value['type']),
    text(2, value['description']),
    text(3, value['name']),
    text(4, value['in']),
  )
}

const operationFields: Record<string, number> = {
  get: 4,
  put: 5,
  post: 6,
  delete: 7,
  options: 8,
  head: 9,
  patch: 10,
}

function pathItem({ parameters, ...operations }: Value): Piece {
  return message(
    eachMember<Value>(operations, (method, value) => {
      const field = operationFields[method]
      return field === undefined ? empty : delimited(field, operation(value))
    }),
    each(parameters, (one: Value) => nested(13, parameter(one))),
  )
}

function operation(value: Value): Piece {
  const body = value['requestBody'] as Value | undefined
  return message(
    texts(1, value['tags']),
    text(3, value['description']),
    text(5, value['operationId']),
    each(value['parameters'], (one: Value) => nested(6, parameter(one))),
    body === undefined
      ? empty
      : nested(7, nested(1, delimited(2, mediaTypes(body['content'])), flag(3, body['required']))),
    nested(
      8,
      eachMember<Value>(value['responses'], (code, answer) => named(2, code, response(answer))),
    ),
    extensions(13, value),
  )
}

function response({ description, content }: Value): Piece {
  return nested(1, text(1, description), content === undefined ? empty : delimited(3, mediaTypes(content)))
}

function parameter(value: Value): Piece {
  return nested(
    1,
    text(1, value['name']),
    text(2, value['in']),
    text(3, value['description']),
    flag(4, value['required']),
    delimited(10, schemaOrReference(value['schema'] as DocumentSchema)),
  )
}

function mediaTypes(content: unknown): Piece {
  return eachMember<{ schema: DocumentSchema }>(content, (type, { schema }) =>
    named(1, type, delimited(1, schemaOrReference(schema))),
  )
}

function namedSchemas(schemas: unknown): Piece {
  return eachMember<DocumentSchema>(schemas, (name, schema) => named(1, name, schemaOrReference(schema)))
}

function schemaOrReference(schema: DocumentSchema): Piece {
  const { $ref } = schema
  return typeof $ref === 'string' ? nested(2, text(1, $ref)) : delimited(1, encodeSchema(schema))
}

const schemaList = (field: number, values: unknown): Piece =>
  each(values, (one: DocumentSchema) => delimited(field, schemaOrReference(one)))
const anyField = (field: number, value: unknown): Piece => delimited(field, free(value))

const schemaFields: PlainFields = {
  nullable: [1, flag],
  externalDocs: [6, externalDocs],
  example: [7, anyField],
  title: [9, text],
  multipleOf: [10, double],
  maximum: [11, double],
  exclusiveMaximum: [12, flag],
  minimum: [13, double],
  exclusiveMinimum: [14, flag],
  maxLength: [15, integer],
  minLength: [16, integer],
  pattern: [17, text],
  maxItems: [18, integer],
  minItems: [19, integer],
  uniqueItems: [20, flag],
  maxProperties: [21, integer],
  minProperties: [22, integer],
  required: [23, texts],
  enum: [24, (field, values) => each(values, (value) => anyField(field, value))],
  type: [25, text],
  allOf: [26, schemaList],
  oneOf: [27, schemaList],
  anyOf: [28, schemaList],
  not: [29, (field, value) => delimited(field, encodeSchema(value as DocumentSchema))],
  items: [30, (field, value) => nested(field, delimited(1, schemaOrReference(value as DocumentSchema)))],
  properties: [31, (field, value) => delimited(field, namedSchemas(value))],
  additionalProperties: [32, additional],
  default: [33, defaultValue],
  description: [34, text],
  format: [35, text],
}

function encodeSchema(schema: DocumentSchema): Piece {
  return message(plainFields(schema, schemaFields), extensions(36, schema))
}

function additional(field: number, value: unknown): Piece {
  if (typeof value === 'boolean') return nested(field, chosenFlag(2, value))
  return nested(field, delimited(1, schemaOrReference(value as DocumentSchema)))
}

/** Plain values only: the message knows no objects and no lists, and stands empty for them. */
function defaultValue(field: number, value: unknown): Piece {
  if (typeof value === 'number') return nested(field, chosenDouble(1, value))
  if (typeof value === 'boolean') return nested(field, chosenFlag(2, value))
  return typeof value === 'string' ? nested(field, chosenText(3, value)) : nested(field)
}
