import { parseExactJson } from '../../api/exact-json.ts'
import { rfc3339, rfc3339Micro } from '../../util/clock.ts'
import { formatGoDuration } from '../../util/go-duration.ts'
import type { GoSpecial } from '../schema/go-type.ts'
import { WireError } from './wire-reader.ts'
import type { WireReader } from './wire-reader.ts'

/** The schema that the unions below hold. */
export const jsonSchemaProps = 'k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1.JSONSchemaProps'

/** Reads a nested message of a struct. */
type ReadStruct = (goName: string, reader: WireReader) => unknown

/** The JSON of a type whose protobuf and JSON forms differ; undefined for a value that JSON leaves out. */
export function readSpecial(special: GoSpecial, reader: WireReader, readStruct: ReadStruct): unknown {
  switch (special) {
    case 'Time':
      return readTime(reader, false)
    case 'MicroTime':
      return readTime(reader, true)
    case 'Duration':
      return readDuration(reader)
    case 'Quantity':
      return readStringField(reader)
    case 'IntOrString':
      return readIntOrString(reader)
    case 'RawExtension':
    case 'FieldsV1':
    case 'JSON':
      return readRawJson(reader)
    case 'JSONSchemaPropsOrArray':
    case 'JSONSchemaPropsOrBool':
    case 'JSONSchemaPropsOrStringArray':
      return readSchemaUnion(special, reader, readStruct)
  }
}

/** An empty message is Go's zero time, which JSON writes as null. */
function readTime(reader: WireReader, hasMicroseconds: boolean): string | undefined {
  if (reader.done) return undefined
  let seconds = 0
  let nanos = 0
  while (!reader.done) {
    const { field, type } = reader.tag()
    if (field === 1 && type === 0) seconds = reader.int()
    else if (field === 2 && type === 0) nanos = reader.int()
    else reader.skip(type)
  }
  const milliseconds = seconds * 1000
  if (Math.abs(milliseconds) > 8.64e15) throw new WireError('time out of range')
  if (!hasMicroseconds) return rfc3339(milliseconds)
  const micros = String(Math.floor(nanos / 1000)).padStart(6, '0')
  return rfc3339Micro(milliseconds).replace(/\.\d{6}Z$/, `.${micros}Z`)
}

function readDuration(reader: WireReader): string {
  let nanos = 0
  while (!reader.done) {
    const { field, type } = reader.tag()
    if (field === 1 && type === 0) nanos = reader.int()
    else reader.skip(type)
  }
  return formatGoDuration(BigInt(nanos))
}

function readStringField(reader: WireReader): string {
  let text = ''
  while (!reader.done) {
    const { field, type } = reader.tag()
    if (field === 1 && type === 2) text = reader.string()
    else reader.skip(type)
  }
  return text || '0'
}

function readIntOrString(reader: WireReader): string | number {
  let isString = false
  let number = 0
  let text = ''
  while (!reader.done) {
    const { field, type } = reader.tag()
    if (field === 1 && type === 0) isString = reader.int() !== 0
    else if (field === 2 && type === 0) number = reader.int() | 0
    else if (field === 3 && type === 2) text = reader.string()
    else reader.skip(type)
  }
  return isString ? text : number
}

function readRawJson(reader: WireReader): unknown {
  let raw: Buffer | undefined
  while (!reader.done) {
    const { field, type } = reader.tag()
    if (field === 1 && type === 2) raw = reader.bytes()
    else reader.skip(type)
  }
  if (!raw || raw.length === 0) return undefined
  try {
    return parseExactJson(raw.toString('utf8')) as unknown
  } catch {
    throw new WireError('an embedded value is not JSON')
  }
}

/** A schema, or a list of schemas, a list of names, or a bool. */
function readSchemaUnion(special: GoSpecial, reader: WireReader, readStruct: ReadStruct): unknown {
  let schema: unknown
  let allows = false
  const list: unknown[] = []
  const schemaField = special === 'JSONSchemaPropsOrBool' ? 2 : 1
  while (!reader.done) {
    const { field, type } = reader.tag()
    if (field === schemaField && type === 2) schema = readStruct(jsonSchemaProps, reader.message())
    else if (field === 1 && type === 0) allows = reader.bool()
    else if (field === 2 && type === 2) {
      list.push(
        special === 'JSONSchemaPropsOrArray'
          ? readStruct(jsonSchemaProps, reader.message())
          : reader.string(),
      )
    } else reader.skip(type)
  }
  if (schema !== undefined) return schema
  return special === 'JSONSchemaPropsOrBool' ? allows : list
}
