import type { ApiFacts } from '../schema/api-facts.ts'
import type { GoPrimitive, GoType } from '../schema/go-type.ts'
import { isNumeric, isWrappedList, messageFields } from './message-table.ts'
import type { JsonMembers, MessageField } from './message-table.ts'
import { writeSpecial, type WriteNested } from './special-writers.ts'
import { wire } from './wire-reader.ts'
import { tagOf, type WireWriter } from './wire-writer.ts'

/** Writes what stands between a value's tag and the next field, its length included. */
type WriteValue = (writer: WireWriter, value: unknown) => void

/** One field, ready to be written: with tag. */
interface FieldWriter {
  /** '' for an embedded struct. */
  json: string
  write: WriteValue
  /** Writes what Go writes for a field that is no pointer and has no value; undefined where that is nothing. */
  writeAbsent: ((writer: WireWriter) => void) | undefined
}

/** The fields of a struct by descending number: what is written first stands last. */
type StructWriter = FieldWriter[]

const emptyStruct: JsonMembers = Object.freeze({})

/**
 * Writes the JSON of the Go structs in the facts as the protobuf messages that gogo would write for them: fields by number,
 * zero values of everything that is no pointer, maps by sorted keys. Structs are compiled at first use. JSON that does not
 * fit its type is written as the zero value; what the registry stores fits.
 */
export class MessageEncoder {
  readonly #facts: ApiFacts
  readonly #structs = new Map<string, StructWriter>()

  constructor(facts: ApiFacts) {
    this.#facts = facts
  }

  /** Writes one message of a struct, without a length. Throws WireError for a struct that the facts do not have. */
  write(writer: WireWriter, goName: string, members: object): void {
    writeStruct(writer, this.#structOf(goName), members as JsonMembers)
  }

  #structOf(goName: string): StructWriter {
    const known = this.#structs.get(goName)
    if (known) return known
    const struct: StructWriter = []
    // Known before its fields are: schemas hold schemas.
    this.#structs.set(goName, struct)
    for (const field of messageFields(this.#facts, goName).reverse()) struct.push(this.#compile(field))
    return struct
  }

  #compile({ number, json, type, pointer }: MessageField): FieldWriter {
    if (type.kind === 'map')
      return { json, write: this.#mapWriter(number, type.values), writeAbsent: undefined }
    const value = this.#valueWriter(type)
    if (type.kind === 'list' && !isWrappedList(type)) {
      const item = tagged(tagFor(number, type.items), this.#valueWriter(type.items))
      return { json, write: listWriter(item), writeAbsent: undefined }
    }
    const write = tagged(tagFor(number, type), value)
    const isNullable = pointer || type.kind === 'list' || isBytes(type)
    return { json, write, writeAbsent: isNullable ? undefined : (writer) => write(writer, undefined) }
  }

  /** `undefined` and `null` are written as the type's zero value. */
  #valueWriter(type: GoType): WriteValue {
    switch (type.kind) {
      case 'primitive':
        return primitiveWriters[type.primitive]
      case 'special': {
        const { special } = type
        const writeNested: WriteNested = (writer, goName, members) => this.write(writer, goName, members)
        return lengthDelimited((writer, value) => writeSpecial(writer, special, value, writeNested))
      }
      case 'struct': {
        const struct = this.#structOf(type.name)
        return lengthDelimited((writer, value) => writeStruct(writer, struct, membersOf(value)))
      }
      case 'list': {
        const item = tagged(tagFor(1, type.items), this.#valueWriter(type.items))
        return lengthDelimited(listWriter(item))
      }
      case 'map':
        throw new TypeError('a map cannot stand here')
    }
  }

  #mapWriter(number: number, values: GoType): WriteValue {
    const entryTag = tagOf(number, wire.bytes)
    const keyTag = tagOf(1, wire.bytes)
    const write = tagged(tagFor(2, values), this.#valueWriter(values))
    // A value of bytes that is null is left out, where anything else is written as zero.
    const skipsNull = isBytes(values)
    return (writer, value) => {
      const map = membersOf(value)
      const keys = Object.keys(map)
      if (keys.length > 1) keys.sort()
      for (let index = keys.length - 1; index >= 0; index--) {
        const key = keys[index]!
        const before = writer.length
        if (!skipsNull || isPresent(map[key])) write(writer, map[key])
        writer.string(key)
        writer.uint(keyTag)
        writer.wrap(entryTag, before)
      }
    }
  }
}

function writeStruct(writer: WireWriter, fields: StructWriter, members: JsonMembers): void {
  for (let index = 0; index < fields.length; index++) {
    const field = fields[index]!
    const value = field.json === '' ? members : members[field.json]
    if (isPresent(value)) field.write(writer, value)
    else field.writeAbsent?.(writer)
  }
}

function isPresent(value: unknown): boolean {
  return value !== undefined && value !== null
}

function isBytes(type: GoType): boolean {
  return type.kind === 'primitive' && type.primitive === 'bytes'
}

function membersOf(value: unknown): JsonMembers {
  return typeof value === 'object' && value !== null ? (value as JsonMembers) : emptyStruct
}

function tagFor(number: number, type: GoType): number {
  if (type.kind !== 'primitive' || !isNumeric(type.primitive)) return tagOf(number, wire.bytes)
  return tagOf(number, type.primitive === 'float64' ? wire.fixed64 : wire.varint)
}

function tagged(tag: number, write: WriteValue): WriteValue {
  return (writer, value) => {
    write(writer, value)
    writer.uint(tag)
  }
}

function lengthDelimited(write: WriteValue): WriteValue {
  return (writer, value) => {
    const before = writer.length
    write(writer, value)
    writer.uint(writer.length - before)
  }
}

function listWriter(write: WriteValue): WriteValue {
  return (writer, value) => {
    if (!Array.isArray(value)) return
    for (let index = value.length - 1; index >= 0; index--) write(writer, value[index])
  }
}

const asNumber = (value: unknown): number => (typeof value === 'number' ? value : 0)
const writeInt: WriteValue = (writer, value) =>
  writer.int(typeof value === 'bigint' ? value : asNumber(value))

const primitiveWriters: Record<GoPrimitive, WriteValue> = {
  string: (writer, value) => writer.string(typeof value === 'string' ? value : ''),
  bool: (writer, value) => writer.uint(value === true ? 1 : 0),
  int32: writeInt,
  int64: writeInt,
  float64: (writer, value) => writer.double(asNumber(value)),
  bytes(writer, value) {
    const bytes = Buffer.from(typeof value === 'string' ? value : '', 'base64')
    writer.raw(bytes)
    writer.uint(bytes.length)
  },
}
