import type { FieldError } from '../../../api/status.ts'
import { jsonEqual } from '../../json-equal.ts'
import { formatPath } from '../decode-error.ts'
import type { Schema } from '../schema.ts'
import { typeProblem } from './json-type.ts'
import { listTypeErrors } from './list-types.ts'
import type { PatternMatcher } from './patterns.ts'
import { embeddedErrors } from './validate-embedded.ts'
import { isObject, scalarErrors, sizeErrors } from './value-rules.ts'

/** Stands for a value that has no counterpart in the object before. */
const nothing = Symbol('nothing')

/** Where a value stands, and what a check of it needs. */
export interface ValuePlace {
  path: (string | number)[]
  patterns: PatternMatcher
  /** The value before an update; what has not changed is not judged again. */
  old?: unknown
}

/**
 * Every problem of a value under a structural schema, in the wording of upstream's custom resource validation
 * (kube-openapi pkg/validation/validate). With an `old` value only what an update changes is judged (upstream:
 * CRDValidationRatcheting).
 */
export function validateValue(schema: Schema, value: unknown, place: ValuePlace): FieldError[] {
  const old = 'old' in place ? place.old : nothing
  if (old !== nothing && jsonEqual(value, old)) return []
  const field = formatPath(place.path)
  const wrong = typeProblem(schema, value)
  if (wrong) {
    const shown = JSON.stringify(wrong.found)
    const message = `Invalid value: ${shown}: ${field} in body must be of type ${wrong.wanted}: ${shown}`
    return [{ type: 'FieldValueTypeInvalid', field, message }]
  }
  const errors = composedErrors(schema, value, place)
  errors.push(...scalarErrors(schema, value, { field, patterns: place.patterns }))
  errors.push(...sizeErrors(schema, value, place.path))
  if (Array.isArray(value)) errors.push(...itemErrors(schema, value, place))
  else if (isObject(value)) errors.push(...memberErrors(schema, value, place))
  return errors
}

function itemErrors(schema: Schema, value: unknown[], place: ValuePlace): FieldError[] {
  const { items } = schema
  const errors = listTypeErrors(schema, value, place.path)
  if (!items) return errors
  const oldItems = schema['x-kubernetes-list-type'] === 'map' && Array.isArray(place.old) ? place.old : []
  const keyOf = (item: unknown): string => mapKeyOf(schema, item)
  const byKey = new Map(oldItems.map((item: unknown) => [keyOf(item), item]))
  for (const [index, item] of value.entries()) {
    const at = { path: [...place.path, index], patterns: place.patterns }
    const key = byKey.size > 0 ? keyOf(item) : ''
    errors.push(...validateValue(items, item, byKey.has(key) ? { ...at, old: byKey.get(key) } : at))
  }
  return errors
}

function mapKeyOf(schema: Schema, item: unknown): string {
  if (!isObject(item)) return ''
  return JSON.stringify((schema['x-kubernetes-list-map-keys'] ?? []).map((key) => item[key]))
}

function memberErrors(schema: Schema, value: Record<string, unknown>, place: ValuePlace): FieldError[] {
  const { properties = {}, additionalProperties: additional } = schema
  const errors = schema['x-kubernetes-embedded-resource'] ? embeddedErrors(value, place.path) : []
  const old = isObject(place.old) ? place.old : undefined
  for (const [key, member] of Object.entries(value)) {
    const property = Object.hasOwn(properties, key) ? properties[key] : undefined
    const child = property ?? (typeof additional === 'object' ? additional : undefined)
    if (!child) continue
    const at = { path: [...place.path, key], patterns: place.patterns }
    const before = old && Object.hasOwn(old, key) ? { ...at, old: old[key] } : at
    errors.push(...validateValue(child, member, before))
  }
  return errors
}

/** An error that belongs to no one field; upstream gives it no path. */
function composedError(place: ValuePlace, text: string): FieldError {
  const message = `Invalid value: "": ${JSON.stringify(formatPath(place.path))} ${text}`
  return { type: 'FieldValueInvalid', field: '<nil>', message }
}

function composedErrors(schema: Schema, value: unknown, place: ValuePlace): FieldError[] {
  const { allOf = [], anyOf = [], oneOf = [], not } = schema
  if (allOf.length + anyOf.length + oneOf.length === 0 && !not) return []
  const at: ValuePlace = { path: place.path, patterns: place.patterns }
  const judge = (schemas: Schema[]): FieldError[][] => schemas.map((one) => validateValue(one, value, at))
  const errors: FieldError[] = []
  if (anyOf.length > 0) {
    const results = judge(anyOf)
    if (!results.some((found) => found.length === 0)) {
      errors.push(composedError(place, 'must validate at least one schema (anyOf)'), ...nearest(results))
    }
  }
  if (oneOf.length > 0) {
    const results = judge(oneOf)
    const matching = results.filter((found) => found.length === 0).length
    if (matching !== 1) {
      const found = matching === 0 ? 'Found none valid' : `Found ${matching} valid alternatives`
      errors.push(composedError(place, `must validate one and only one schema (oneOf). ${found}`))
      if (matching === 0) errors.push(...nearest(results))
    }
  }
  if (allOf.length > 0) {
    const results = judge(allOf)
    const failing = results.filter((found) => found.length > 0)
    if (failing.length > 0) {
      const none = failing.length === allOf.length ? '. None validated' : ''
      errors.push(...failing.flat(), composedError(place, `must validate all the schemas (allOf)${none}`))
    }
  }
  if (not && validateValue(not, value, at).length === 0) {
    errors.push(composedError(place, 'must not validate the schema (not)'))
  }
  return errors
}

/** The problems of the alternative that fits best. */
function nearest(results: FieldError[][]): FieldError[] {
  return results.reduce((best, found) => (found.length < best.length ? found : best), results[0] ?? [])
}
