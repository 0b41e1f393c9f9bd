import type { ApiFacts } from '../schema/api-facts.ts'
import type { GoPrimitive, GoType } from '../schema/go-type.ts'
import { isNumeric, isWrappedList, messageFields } from './message-table.ts'
import type { JsonMembers, MessageField } from './message-table.ts'
import { readSpecial } from './special-types.ts'
import { WireError, wire } from './wire-reader.ts'
import type { WireReader } from './wire-reader.ts'

/** Nested deeper than any real object. */
const maxDepth = 100

/** A struct as a protobuf message: its fields by number, and what Go writes though the wire is silent. */
interface MessageTable {
  byNumber: Map<number, MessageField>
  fields: MessageField[]
}

/**
 * Reads protobuf messages of the Go structs in the facts and gives the JSON that Go would write for them: zero values
 * by pointer and omitempty, embedded structs flattened, bytes as base64. Tables are compiled once per struct.
 */
export class MessageDecoder {
  readonly #facts: ApiFacts
  readonly #tables = new Map<string, MessageTable>()

  constructor(facts: ApiFacts) {
    this.#facts = facts
  }

  /** The JSON of one message. Throws WireError. */
  decode(goName: string, reader: WireReader): JsonMembers {
    const members: JsonMembers = {}
    this.#readInto(members, goName, { reader, depth: 0 })
    return members
  }

  #readInto(
    members: JsonMembers,
    goName: string,
    at: { reader: WireReader | undefined; depth: number },
  ): void {
    const { reader, depth } = at
    if (depth > maxDepth) throw new WireError('exceeded max depth')
    const table = this.#tableOf(goName)
    const embeddedSeen = new Set<MessageField>()
    while (reader && !reader.done) {
      const { field: number, type } = reader.tag()
      const field = table.byNumber.get(number)
      if (!field) {
        reader.skip(type)
      } else if (field.json === '') {
        embeddedSeen.add(field)
        this.#embed(members, field.type, { reader: reader.message(), depth })
      } else {
        this.#readField(members, field, { reader, type, depth })
      }
    }
    for (const field of table.fields) {
      if (field.json === '') {
        if (!embeddedSeen.has(field)) this.#embed(members, field.type, { reader: undefined, depth })
      } else if (members[field.json] === undefined && field.writesZero) {
        const zero = this.#zeroOf(field.type, depth)
        if (zero !== undefined) members[field.json] = zero
      }
    }
  }

  #embed(members: JsonMembers, type: GoType, at: { reader: WireReader | undefined; depth: number }): void {
    if (type.kind === 'struct') this.#readInto(members, type.name, { ...at, depth: at.depth + 1 })
  }

  #readField(members: JsonMembers, field: MessageField, at: ReadPoint): void {
    const { json, type } = field
    if (type.kind === 'list' && !isWrappedList(type)) {
      const list = (members[json] ??= []) as unknown[]
      this.#readItem(list, type.items, at)
    } else if (type.kind === 'map') {
      const map = (members[json] ??= {}) as JsonMembers
      this.#readMapEntry(map, type.values, at)
    } else {
      const value = this.#readValue(type, at)
      if (value === undefined || (!field.pointer && !field.writesZero && isZero(value))) delete members[json]
      else members[json] = value
    }
  }

  #readItem(list: unknown[], items: GoType, at: ReadPoint): void {
    const isPacked = items.kind === 'primitive' && at.type === wire.bytes && isNumeric(items.primitive)
    if (!isPacked) {
      list.push(this.#readValue(items, at) ?? null)
      return
    }
    const reader = at.reader.message()
    const type = items.primitive === 'float64' ? wire.fixed64 : wire.varint
    while (!reader.done) list.push(this.#readValue(items, { ...at, reader, type }))
  }

  #readMapEntry(map: JsonMembers, values: GoType, at: ReadPoint): void {
    expect(at.type, wire.bytes)
    const reader = at.reader.message()
    let key = ''
    let value: unknown
    while (!reader.done) {
      const { field, type } = reader.tag()
      if (field === 1) {
        expect(type, wire.bytes)
        key = reader.string()
      } else if (field === 2) value = this.#readValue(values, { reader, type, depth: at.depth + 1 })
      else reader.skip(type)
    }
    if (key !== '__proto__') map[key] = value ?? this.#zeroOf(values, at.depth + 1) ?? null
  }

  #readValue(type: GoType, at: ReadPoint): unknown {
    const { reader, depth } = at
    switch (type.kind) {
      case 'primitive':
        return readPrimitive(type.primitive, at)
      case 'special':
        expect(at.type, wire.bytes)
        return readSpecial(type.special, reader.message(), (name, nested) => {
          const members: JsonMembers = {}
          this.#readInto(members, name, { reader: nested, depth: depth + 1 })
          return members
        })
      case 'struct': {
        expect(at.type, wire.bytes)
        const members: JsonMembers = {}
        this.#readInto(members, type.name, { reader: reader.message(), depth: depth + 1 })
        return members
      }
      case 'list':
        return this.#readWrappedList(type.items, at)
      case 'map':
        throw new WireError('a map cannot stand here')
    }
  }

  /** A named slice such as ExtraValue: a message with the items as field 1. */
  #readWrappedList(items: GoType, at: ReadPoint): unknown[] {
    expect(at.type, wire.bytes)
    const reader = at.reader.message()
    const list: unknown[] = []
    while (!reader.done) {
      const { field, type } = reader.tag()
      if (field === 1) list.push(this.#readValue(items, { reader, type, depth: at.depth + 1 }))
      else reader.skip(type)
    }
    return list
  }

  #zeroOf(type: GoType, depth: number): unknown {
    switch (type.kind) {
      case 'primitive':
        return { string: '', bool: false, int32: 0, int64: 0, float64: 0, bytes: undefined }[type.primitive]
      case 'struct': {
        const members: JsonMembers = {}
        this.#readInto(members, type.name, { reader: undefined, depth: depth + 1 })
        return members
      }
      case 'special':
        return type.special === 'Quantity' ? '0' : undefined
      case 'list':
      case 'map':
        return undefined
    }
  }

  #tableOf(goName: string): MessageTable {
    const known = this.#tables.get(goName)
    if (known) return known
    const fields = messageFields(this.#facts, goName)
    const table = { byNumber: new Map(fields.map((field) => [field.number, field])), fields }
    this.#tables.set(goName, table)
    return table
  }
}

interface ReadPoint {
  reader: WireReader
  /** Wire type of the value. */
  type: number
  depth: number
}

function expect(type: number, expected: number): void {
  if (type !== expected) throw new WireError(`wrong wireType = ${type}`)
}

function readPrimitive(primitive: GoPrimitive, { reader, type }: ReadPoint): unknown {
  expect(type, primitive === 'float64' ? wire.fixed64 : isNumeric(primitive) ? wire.varint : wire.bytes)
  switch (primitive) {
    case 'string':
      return reader.string()
    case 'bool':
      return reader.bool()
    case 'int32':
      return reader.int() | 0
    case 'int64':
      return reader.int64()
    case 'float64':
      return reader.double()
    case 'bytes':
      return reader.bytes().toString('base64')
  }
}

function isZero(value: unknown): boolean {
  return value === '' || value === 0 || value === false
}
