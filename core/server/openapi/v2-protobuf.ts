import type {
  SwaggerDocument,
  SwaggerOperation,
  SwaggerParameter,
  SwaggerPathItem,
  SwaggerSchema,
} from './swagger-document.ts'

/**
 * Swagger 2.0 in gnostic's protobuf form, which older kubectl asks for (field numbers: google/gnostic
 * openapiv2/OpenAPIv2.proto). Only what `toSwagger` writes is encoded; what it always
 * writes may be missing in the documents of extension API servers.
 */
export function encodeSwagger(document: SwaggerDocument): Buffer {
  const { info, paths, definitions } = document
  return message(
    text(1, document.swagger),
    nested(2, text(1, info.title), text(2, info.version)),
    nested(8, ...Object.entries(paths).map(([path, item]) => named(2, path, pathItem(item)))),
    nested(9, ...Object.entries(definitions).map(([name, schema]) => named(1, name, encodeSchema(schema)))),
  )
}

const empty = Buffer.alloc(0)

function varint(value: number): Buffer {
  const bytes: number[] = []
  let rest = value
  while (rest > 0x7f) {
    bytes.push((rest & 0x7f) | 0x80)
    rest >>>= 7
  }
  bytes.push(rest)
  return Buffer.from(bytes)
}

function message(...fields: Buffer[]): Buffer {
  return Buffer.concat(fields)
}

function delimited(field: number, bytes: Buffer): Buffer {
  return Buffer.concat([varint((field << 3) | 2), varint(bytes.length), bytes])
}

function nested(field: number, ...fields: Buffer[]): Buffer {
  return delimited(field, message(...fields))
}

function text(field: number, value: unknown): Buffer {
  return typeof value === 'string' && value !== '' ? delimited(field, Buffer.from(value)) : empty
}

function texts(field: number, values: unknown): Buffer {
  return Array.isArray(values) ? message(...values.map((value) => text(field, value))) : empty
}

function flag(field: number, value: unknown): Buffer {
  return value === true ? Buffer.concat([varint(field << 3), varint(1)]) : empty
}

/** An entry of a map: name 1, value 2. */
function named(field: number, name: string, value: Buffer): Buffer {
  return nested(field, text(1, name), delimited(2, value))
}

/** gnostic keeps free values as YAML text; JSON is YAML. */
function free(value: unknown): Buffer {
  return text(2, `${JSON.stringify(value)}\n`)
}

function extensions(field: number, from: object): Buffer {
  const entries = Object.entries(from).filter(([key]) => key.startsWith('x-'))
  return message(...entries.map(([key, value]) => named(field, key, free(value))))
}

function pathItem(item: SwaggerPathItem): Buffer {
  const fields: Record<string, number> = { get: 2, put: 3, post: 4, delete: 5, patch: 8 }
  return message(
    ...Object.entries(item).map(([key, value]) => {
      if (Array.isArray(value)) return message(...value.map((entry) => nested(9, parameter(entry))))
      const field = fields[key]
      return field === undefined ? empty : delimited(field, operation(value))
    }),
  )
}

function operation(value: SwaggerOperation): Buffer {
  return message(
    texts(1, value.tags),
    text(5, value.operationId),
    texts(6, value.produces),
    texts(7, value.consumes),
    ...(value.parameters ?? []).map((entry) => nested(8, parameter(entry))),
    nested(
      9,
      ...Object.entries(value.responses ?? {}).map(([code, answer]) => named(1, code, response(answer))),
    ),
    extensions(13, value),
  )
}

function response(answer: { description: string; schema?: SwaggerSchema }): Buffer {
  const schema = answer.schema ? nested(2, delimited(1, encodeSchema(answer.schema))) : empty
  return nested(1, text(1, answer.description), schema)
}

function parameter(value: SwaggerParameter): Buffer {
  const { name, description, required, type, uniqueItems } = value
  if (value.in === 'body') {
    const schema = delimited(5, encodeSchema(value.schema ?? {}))
    return nested(
      1,
      nested(1, text(1, description), text(2, name), text(3, 'body'), flag(4, required), schema),
    )
  }
  const common = [flag(1, required), text(2, value.in), text(3, description), text(4, name)]
  const isQuery = value.in === 'query'
  const rest = isQuery ? [text(6, type), flag(20, uniqueItems)] : [text(5, type), flag(19, uniqueItems)]
  return nested(1, nested(2, nested(isQuery ? 3 : 4, ...common, ...rest)))
}

function encodeSchema(schema: SwaggerSchema): Buffer {
  const { properties, items, additionalProperties } = schema
  return message(
    text(1, schema['$ref']),
    text(2, schema['format']),
    text(4, schema['description']),
    texts(19, schema['required']),
    ...(Array.isArray(schema['enum']) ? schema['enum'].map((value) => delimited(20, free(value))) : []),
    additional(additionalProperties),
    schema['type'] === undefined ? empty : nested(22, text(1, schema['type'])),
    items === undefined ? empty : nested(23, delimited(1, encodeSchema(items as SwaggerSchema))),
    properties === undefined
      ? empty
      : delimited(25, encodeProperties(properties as Record<string, SwaggerSchema>)),
    extensions(31, schema),
  )
}

function additional(value: unknown): Buffer {
  if (value === undefined) return empty
  if (typeof value === 'boolean') return nested(21, flag(2, value))
  return nested(21, delimited(1, encodeSchema(value as SwaggerSchema)))
}

function encodeProperties(properties: Record<string, SwaggerSchema>): Buffer {
  return message(...Object.entries(properties).map(([name, schema]) => named(1, name, encodeSchema(schema))))
}
