import { parseExactJson } from '../../../api/exact-json.ts'
import { cloneJson } from '../clone-json.ts'
import { invalidValue } from '../../../api/field-errors.ts'
import { goMapJson } from '../../../api/go-text.ts'
import { DecodeError, formatPath } from '../decode-error.ts'
import type { DecodeState } from '../decode-error.ts'
import type { Schema } from '../schema.ts'

/** What reading under a schema works with. */
export interface StructuralReading {
  state: DecodeState
  /** Reads the metadata of an embedded object; the path stands at it. */
  readMetadata(value: unknown, state: DecodeState): unknown
  /** Only prunes. */
  withoutDefaults?: boolean
  /** Nulls without a default are kept where the schema does not allow them. */
  keepsNulls?: boolean
}

const typeMembers = new Set(['apiVersion', 'kind'])

/**
 * A copy of a value under a structural schema: unknown fields left out and noted, nulls dropped where the schema does
 * not allow them, defaults applied (upstream: apiextensions-apiserver pkg/apiserver/schema/{pruning,defaulting}). Wrong
 * types are kept for validation to report. At the root, type and metadata are left to the caller.
 */
export function pruneAndDefault(schema: Schema, value: unknown, reading: StructuralReading): unknown {
  return read(schema, value, reading, true)
}

function read(
  schema: Schema | undefined,
  value: unknown,
  reading: StructuralReading,
  isRoot = false,
): unknown {
  if (Array.isArray(value)) return readList(schema, value, reading)
  if (typeof value !== 'object' || value === null) return value
  return readObject(schema, value as Record<string, unknown>, { reading, isRoot })
}

function readList(schema: Schema | undefined, value: unknown[], reading: StructuralReading): unknown[] {
  const items = schema?.items
  if (!items && keepsUnknown(schema)) return cloneJson(value)
  return value.map((item, index) =>
    within(reading.state, index, () => read(items, valueOrDefault(items, item), reading)),
  )
}

function keepsUnknown(schema: Schema | undefined): boolean {
  return schema?.['x-kubernetes-preserve-unknown-fields'] === true
}

function keepsNull(schema: Schema, { keepsNulls = false }: StructuralReading): boolean {
  return keepsNulls && schema.default === undefined
}

/** A null that may not be one gives way to the default. */
function valueOrDefault(schema: Schema | undefined, value: unknown): unknown {
  if (value !== null || schema?.nullable === true) return value
  return cloneJson(schema?.default ?? null)
}

function readObject(
  schema: Schema | undefined,
  value: Record<string, unknown>,
  { reading, isRoot }: { reading: StructuralReading; isRoot: boolean },
): Record<string, unknown> {
  const { state } = reading
  const { properties = {}, additionalProperties: additional } = schema ?? {}
  const isEmbedded = schema?.['x-kubernetes-embedded-resource'] === true
  const copy: Record<string, unknown> = {}
  for (const [key, member] of isEmbedded ? metadataFirst(value) : Object.entries(value)) {
    const property = Object.hasOwn(properties, key) ? properties[key] : undefined
    if (key === '__proto__') state.unknown(key)
    else if (isRoot && (typeMembers.has(key) || key === 'metadata')) copy[key] = member
    else if (isEmbedded && (typeMembers.has(key) || key === 'metadata')) {
      const read = within(state, key, () => readEmbedded(key, member, reading))
      if (read !== undefined) copy[key] = read
    } else if (property) {
      if (member === null && property.nullable !== true && !keepsNull(property, reading)) continue
      copy[key] = within(state, key, () => read(property, member, reading))
    } else if (additional !== undefined && additional !== false) {
      const child = additional === true ? undefined : additional
      const kept = child ? valueOrDefault(child, member) : member
      if (kept === null && child && child.nullable !== true && !reading.keepsNulls) continue
      copy[key] = within(state, key, () => read(child, kept, reading))
    } else if (keepsUnknown(schema)) copy[key] = cloneJson(member)
    else state.unknown(key)
  }
  if (reading.withoutDefaults) return copy
  for (const [key, property] of Object.entries(properties)) {
    if (property.default === undefined || Object.hasOwn(copy, key)) continue
    copy[key] = within(state, key, () => read(property, cloneJson(property.default), reading))
  }
  return copy
}

/** The members in the order in which they are read where some may be refused. */
function metadataFirst({ metadata, ...others }: Record<string, unknown>): [string, unknown][] {
  return Object.entries(metadata === undefined ? others : { metadata, ...others })
}

/** Type or metadata of an embedded object; undefined for what is left out (upstream: schema/objectmeta Coerce). */
function readEmbedded(key: string, value: unknown, { state, readMetadata }: StructuralReading): unknown {
  const refuse = (why: string, shown = value): undefined => {
    if (state.dropsMalformed) return undefined
    const { field, message } = invalidValue(formatPath(state.path), shown, why)
    throw new DecodeError(`${field}: ${message}`)
  }
  if (key !== 'metadata') return typeof value === 'string' ? value : refuse('must be a string')
  if (value === null) return undefined
  try {
    return readMetadata(value, state)
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error
  }
  // Of several problems upstream tells the first by name.
  const sorted: unknown = parseExactJson(goMapJson(value))
  try {
    return readMetadata(sorted, state)
  } catch (error) {
    if (error instanceof DecodeError) return refuse(error.message, sorted)
    throw error
  }
}

function within<T>(state: DecodeState, segment: string | number, run: () => T): T {
  state.path.push(segment)
  const result = run()
  state.path.pop()
  return result
}
