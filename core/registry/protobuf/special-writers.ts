import { parseDuration } from '../../cel/values/time.ts'
import type { GoSpecial } from '../schema/go-type.ts'
import { jsonSchemaProps } from './special-types.ts'
import { wire } from './wire-reader.ts'
import { tagOf, type WireWriter } from './wire-writer.ts'

/** Writes a nested message of a struct. */
export type WriteNested = (writer: WireWriter, goName: string, members: object) => void

const bytes1 = tagOf(1, wire.bytes)
const bytes2 = tagOf(2, wire.bytes)
const bytes3 = tagOf(3, wire.bytes)
const varint1 = tagOf(1, wire.varint)
const varint2 = tagOf(2, wire.varint)

/** Writes the message of a type whose protobuf and JSON forms differ, without a length; undefined and null as Go's zero. */
export function writeSpecial(
  writer: WireWriter,
  special: GoSpecial,
  value: unknown,
  writeNested: WriteNested,
): void {
  switch (special) {
    case 'Time':
      return writeTime(writer, value, false)
    case 'MicroTime':
      return writeTime(writer, value, true)
    case 'Duration':
      writer.int(Number(parseDuration(typeof value === 'string' ? value : '')?.nanos ?? 0n))
      writer.uint(varint1)
      return
    case 'Quantity':
      writer.string(typeof value === 'string' ? value : String(value ?? 0))
      writer.uint(bytes1)
      return
    case 'IntOrString':
      return writeIntOrString(writer, value)
    case 'RawExtension':
    case 'FieldsV1':
    case 'JSON':
      if (value === undefined || value === null) return
      writer.string(JSON.stringify(value))
      writer.uint(bytes1)
      return
    case 'JSONSchemaPropsOrArray':
    case 'JSONSchemaPropsOrBool':
    case 'JSONSchemaPropsOrStringArray':
      return writeSchemaUnion(writer, special, value, writeNested)
  }
}

/** Go's zero time is an empty message. Of a Time the fraction is left out, of a MicroTime whole microseconds stay. */
function writeTime(writer: WireWriter, value: unknown, hasMicroseconds: boolean): void {
  const milliseconds = typeof value === 'string' ? Date.parse(value) : NaN
  if (Number.isNaN(milliseconds)) return
  writer.uint(hasMicroseconds ? microsecondsOf(value as string) * 1000 : 0)
  writer.uint(varint2)
  writer.int(Math.floor(milliseconds / 1000))
  writer.uint(varint1)
}

/** The microseconds within the second. */
function microsecondsOf(time: string): number {
  const fraction = /\.(\d+)/.exec(time)?.[1] ?? ''
  return Number(fraction.slice(0, 6).padEnd(6, '0'))
}

function writeIntOrString(writer: WireWriter, value: unknown): void {
  const isString = typeof value === 'string'
  writer.string(isString ? value : '')
  writer.uint(bytes3)
  writer.int(typeof value === 'number' ? value : 0)
  writer.uint(varint2)
  writer.uint(isString ? 1 : 0)
  writer.uint(varint1)
}

/** A schema, or a list of schemas, a list of names, or a bool. */
function writeSchemaUnion(
  writer: WireWriter,
  special: GoSpecial,
  value: unknown,
  writeNested: WriteNested,
): void {
  const isBool = special === 'JSONSchemaPropsOrBool'
  const writeSchema = (schema: unknown, tag: number): void => {
    const before = writer.length
    writeNested(writer, jsonSchemaProps, typeof schema === 'object' && schema !== null ? schema : {})
    writer.wrap(tag, before)
  }
  if (Array.isArray(value)) {
    for (const item of value.toReversed() as unknown[]) {
      if (special === 'JSONSchemaPropsOrArray') writeSchema(item, bytes2)
      else {
        writer.string(String(item))
        writer.uint(bytes2)
      }
    }
  } else if (typeof value === 'object' && value !== null) {
    writeSchema(value, isBool ? bytes2 : bytes1)
  }
  if (isBool) {
    // A schema says by itself that more is allowed.
    writer.uint(value !== undefined && value !== null && value !== false ? 1 : 0)
    writer.uint(varint1)
  }
}
