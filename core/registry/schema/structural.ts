import { canonicalQuantity } from '../../api/quantity.ts'
import type { FieldError } from '../../api/status.ts'
import { cloneJson } from './clone-json.ts'
import { formatPath } from './decode-error.ts'
import type { DecodeState } from './decode-error.ts'
import type { Schema } from './schema.ts'

type Path = (string | number)[]

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/**
 * A copy of a value under a structural schema: unknown fields left out and noted, nulls dropped where the schema does
 * not allow them and has a default or is a property, defaults applied (upstream: apiextensions-apiserver
 * pkg/apiserver/schema/{pruning,defaulting}). Wrong types are kept for `validateStructural` to report.
 */
export function pruneAndDefault(schema: Schema, value: unknown, state: DecodeState): unknown {
  if (Array.isArray(value)) {
    const { items } = schema
    if (!items) return cloneJson(value)
    return value.map((item, index) => within(state, index, () => pruneAndDefault(items, item, state)))
  }
  if (!isObject(value)) return value
  const { properties, additionalProperties: additional } = schema
  const keepsUnknown =
    schema['x-kubernetes-preserve-unknown-fields'] === true ||
    schema['x-kubernetes-embedded-resource'] === true ||
    additional === true ||
    (!properties && additional === undefined && schema.type === undefined)
  const copy: Record<string, unknown> = {}
  for (const [key, member] of Object.entries(value)) {
    const property = properties && Object.hasOwn(properties, key) ? properties[key] : undefined
    const child = property ?? (typeof additional === 'object' ? additional : undefined)
    if (child) {
      if (
        member === null &&
        child.nullable !== true &&
        (property === undefined || child.default !== undefined)
      )
        continue
      copy[key] = within(state, key, () => pruneAndDefault(child, member, state))
    } else if (keepsUnknown && key !== '__proto__') {
      copy[key] = cloneJson(member)
    } else {
      state.unknown(key)
    }
  }
  for (const [key, property] of Object.entries(properties ?? {})) {
    if (copy[key] !== undefined || property.default === undefined) continue
    copy[key] = within(state, key, () => pruneAndDefault(property, cloneJson(property.default), state))
  }
  return copy
}

function within<T>(state: DecodeState, segment: string | number, run: () => T): T {
  state.path.push(segment)
  const result = run()
  state.path.pop()
  return result
}

/**
 * Every problem of a value under a structural schema: types, required fields, enums, int-or-string, nulls, with the
 * wording of upstream's CustomResource validation.
 */
export function validateStructural(schema: Schema, value: unknown, path: Path = []): FieldError[] {
  const field = formatPath(path)
  if (value === null && schema.nullable === true) return []
  const wrong = typeProblem(schema, value)
  if (wrong !== undefined) {
    const shown = JSON.stringify(kindOf(value))
    return [
      {
        type: 'FieldValueTypeInvalid',
        field,
        message: `Invalid value: ${shown}: ${field} in body must be of type ${wrong}: ${shown}`,
      },
    ]
  }
  if (Array.isArray(value)) {
    const { items } = schema
    return items ? value.flatMap((item, index) => validateStructural(items, item, [...path, index])) : []
  }
  if (isObject(value)) return validateObject(schema, value, path)
  return enumProblems(schema, value, field)
}

function validateObject(schema: Schema, value: Record<string, unknown>, path: Path): FieldError[] {
  const { properties, additionalProperties: additional } = schema
  const errors: FieldError[] = []
  for (const name of schema.required ?? []) {
    if (value[name] !== undefined) continue
    errors.push({ type: 'FieldValueRequired', field: formatPath([...path, name]), message: 'Required value' })
  }
  for (const [key, member] of Object.entries(value)) {
    const property = properties && Object.hasOwn(properties, key) ? properties[key] : undefined
    const child = property ?? (typeof additional === 'object' ? additional : undefined)
    if (child) errors.push(...validateStructural(child, member, [...path, key]))
  }
  return errors
}

/** The name of the type the value should have had, or undefined when it is right. */
function typeProblem(schema: Schema, value: unknown): string | undefined {
  if (schema['x-kubernetes-int-or-string'] === true) {
    return typeof value === 'string' || Number.isInteger(value) ? undefined : 'integer,string'
  }
  const { type } = schema
  switch (type) {
    case undefined:
      return undefined
    case 'object':
      return isObject(value) ? undefined : type
    case 'array':
      return Array.isArray(value) ? undefined : type
    case 'integer':
      return Number.isInteger(value) ? undefined : type
    case 'string':
    case 'number':
    case 'boolean':
      return typeof value === type ? undefined : type
  }
}

function kindOf(value: unknown): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'array'
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'number'
  return typeof value
}

function enumProblems(schema: Schema, value: unknown, field: string): FieldError[] {
  if (schema.format === 'quantity' && canonicalQuantity(String(value)) === undefined) {
    return [
      {
        type: 'FieldValueInvalid',
        field,
        message: `Invalid value: ${JSON.stringify(value)}: must be a quantity`,
      },
    ]
  }
  if (!schema.enum || schema.enum.includes(value)) return []
  const supported = schema.enum.map((allowed) => JSON.stringify(allowed)).join(', ')
  return [
    {
      type: 'FieldValueNotSupported',
      field,
      message: `Unsupported value: ${JSON.stringify(value)}: supported values: ${supported}`,
    },
  ]
}
