/**
 * The wire format of protobuf for what gnostic's messages are made of. A piece knows its size, so that a document is
 * written in one go; what is unset is empty.
 */
export interface Piece {
  size: number
  of: string | Uint8Array | readonly Piece[]
}

export const empty: Piece = { size: 0, of: [] }

/** The bytes of a piece. */
export function bytesOf(piece: Piece): Buffer {
  const bytes = Buffer.allocUnsafe(piece.size)
  write(piece, bytes, 0)
  return bytes
}

function write({ size, of }: Piece, bytes: Buffer, at: number): void {
  if (typeof of === 'string') bytes.write(of, at, size)
  else if (of instanceof Uint8Array) bytes.set(of, at)
  else {
    for (const part of of) {
      write(part, bytes, at)
      at += part.size
    }
  }
}

function piece(of: Uint8Array): Piece {
  return { size: of.length, of }
}

function makeVarint(value: number | bigint): Piece {
  const bytes: number[] = []
  let rest = BigInt.asUintN(64, BigInt(value))
  while (rest > 0x7fn) {
    bytes.push(Number(rest & 0x7fn) | 0x80)
    rest >>= 7n
  }
  bytes.push(Number(rest))
  return piece(Uint8Array.from(bytes))
}

/** Keys of fields and lengths of short texts, of which a document has tens of thousands. */
const small = Array.from({ length: 0x400 }, (_, value) => makeVarint(value))

function varint(value: number): Piece {
  return small[value] ?? makeVarint(value)
}

export function message(...fields: Piece[]): Piece {
  let size = 0
  for (const field of fields) size += field.size
  return { size, of: fields }
}

export function delimited(field: number, content: Piece): Piece {
  return message(varint((field << 3) | 2), varint(content.size), content)
}

export function nested(field: number, ...fields: Piece[]): Piece {
  return delimited(field, message(...fields))
}

function string(value: string): Piece {
  return { size: Buffer.byteLength(value), of: value }
}

export function text(field: number, value: unknown): Piece {
  return typeof value === 'string' && value !== '' ? delimited(field, string(value)) : empty
}

export function texts(field: number, values: unknown): Piece {
  return each(values, (value) => delimited(field, string(String(value))))
}

export function flag(field: number, value: unknown): Piece {
  return value === true ? chosenFlag(field, true) : empty
}

/** A choice between several: written even where it is false. */
export function chosenFlag(field: number, value: boolean): Piece {
  return message(varint(field << 3), varint(value ? 1 : 0))
}

export function integer(field: number, value: unknown): Piece {
  if (typeof value === 'bigint') return message(varint(field << 3), makeVarint(value))
  if (typeof value !== 'number' || value === 0) return empty
  return message(varint(field << 3), varint(Math.trunc(value)))
}

export function double(field: number, value: unknown): Piece {
  const number = typeof value === 'bigint' ? Number(value) : value
  return typeof number === 'number' && number !== 0 ? chosenDouble(field, number) : empty
}

/** A choice between several: written even where it is 0. */
export function chosenDouble(field: number, value: number): Piece {
  const bytes = Buffer.alloc(8)
  bytes.writeDoubleLE(value)
  return message(varint((field << 3) | 1), piece(bytes))
}

/** A text that was chosen between several: written even where it is empty. */
export function chosenText(field: number, value: string): Piece {
  return delimited(field, string(value))
}

/** An entry of a map: name 1, value 2. */
export function named(field: number, name: string, value: Piece): Piece {
  return nested(field, text(1, name), delimited(2, value))
}

/** gnostic keeps free values as YAML text; JSON is YAML. */
export function free(value: unknown): Piece {
  return text(2, `${JSON.stringify(value)}\n`)
}

/** A list of messages, of whatever is a list. */
export function each<T>(values: unknown, encode: (value: T) => Piece): Piece {
  return Array.isArray(values) ? message(...(values as T[]).map(encode)) : empty
}

/** A list of messages, one for each member of an object. */
export function eachMember<T>(values: unknown, encode: (name: string, value: T) => Piece): Piece {
  if (typeof values !== 'object' || values === null) return empty
  return message(...Object.entries(values as Record<string, T>).map(([name, value]) => encode(name, value)))
}

/** Where more can be read of a schema. */
export function externalDocs(field: number, value: unknown): Piece {
  const { description, url } = value as { description?: string; url?: string }
  return nested(field, text(1, description), text(2, url))
}

/** What an object has of members whose names begin with `x-`. */
export function extensions(field: number, from: object): Piece {
  const entries = Object.entries(from).filter(([key]) => key.startsWith('x-'))
  return message(...entries.map(([key, value]) => named(field, key, free(value))))
}

/** Writes members of plain types, each by its field's number and its type. */
export type PlainFields = Record<string, [field: number, write: (field: number, value: unknown) => Piece]>

export function plainFields(from: Record<string, unknown>, fields: PlainFields): Piece {
  const written: Piece[] = []
  for (const [name, value] of Object.entries(from)) {
    const known = Object.hasOwn(fields, name) ? fields[name] : undefined
    if (known && value !== undefined) written.push(known[1](known[0], value))
  }
  return message(...written)
}
