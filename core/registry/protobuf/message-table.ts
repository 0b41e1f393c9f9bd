import type { ApiFacts } from '../schema/api-facts.ts'
import { packageOf, resolveGoType } from '../schema/go-type.ts'
import type { GoPrimitive, GoType } from '../schema/go-type.ts'
import { WireError } from './wire-reader.ts'

/** A JSON object. */
export type JsonMembers = Record<string, unknown>

/** One field of a Go struct as protobuf has it. */
export interface MessageField {
  number: number
  /** '' for an embedded struct, whose members go into the outer object. */
  json: string
  type: GoType
  pointer: boolean
  /** Whether Go writes the zero value as JSON. */
  writesZero: boolean
}

/** The fields of a Go struct by ascending number. Throws WireError for an unknown name. */
export function messageFields(facts: ApiFacts, goName: string): MessageField[] {
  const known = facts.goStruct(goName)
  if (!known) throw new WireError(`no type named ${goName}`)
  const packageName = packageOf(goName)
  const byNumber = new Map<number, MessageField>()
  for (const { n: number, json, go, omitempty, omitzero } of known) {
    const type = resolveGoType(facts, packageName, go)
    const pointer = go.startsWith('*')
    const alwaysWritten = type.kind === 'struct' || !omitempty
    byNumber.set(number, { number, json, type, pointer, writesZero: !pointer && !omitzero && alwaysWritten })
  }
  return [...byNumber.values()].sort((a, b) => a.number - b.number)
}

/** Whether a named slice such as ExtraValue is a message of its own, with the items as field 1. */
export function isWrappedList(type: Extract<GoType, { kind: 'list' }>): boolean {
  return type.named && type.items.kind === 'primitive'
}

/** Whether a primitive is a varint or a fixed-size number rather than bytes. */
export function isNumeric(primitive: GoPrimitive): boolean {
  return primitive !== 'string' && primitive !== 'bytes'
}
