import type { FieldError } from '../../../api/status.ts'
import { goQuote, isNumber } from '../../../api/go-text.ts'
import { jsonEqual } from '../../json-equal.ts'
import type { Schema } from '../schema.ts'
import { Findings } from './findings.ts'
import { hasFormat } from './formats.ts'
import { effectiveFormat, typeProblem, wantedTypes } from './json-type.ts'
import { numberErrors } from './number-rules.ts'
import { ValuePlace, withoutField, wrongType } from './place.ts'
import type { PlaceOptions } from './place.ts'
import {
  enumError,
  isObject,
  itemCountErrors,
  memberCountErrors,
  missingMembers,
  stringError,
} from './value-rules.ts'

/** Stands for a value that has no counterpart in the object before. */
const nothing = Symbol('nothing')

/**
 * Every problem of a value under a structural schema, in the wording and order of upstream's custom resource validation
 * (kube-openapi pkg/validation/validate). With an `old` value only what an update changes is judged (upstream:
 * CRDValidationRatcheting).
 */
export function validateValue(
  schema: Schema,
  value: unknown,
  options: PlaceOptions & { path?: (string | number)[]; old?: unknown },
): FieldError[] {
  const place = new ValuePlace(options.path ?? [], options)
  return judge(schema, value, { place, old: 'old' in options ? options.old : nothing }).errors
}

/** Where a value stands, and what was there before. */
interface Judged {
  place: ValuePlace
  old: unknown
}

function judge(schema: Schema, value: unknown, at: Judged): Findings {
  const { place, old } = at
  const found = new Findings()
  if (old !== nothing && jsonEqual(value, old)) return found
  const problem = typeProblem(schema, value)
  if (problem) found.add(wrongType(place, problem))
  if (value === null || value === undefined) {
    found.add(enumError(schema, value, place))
    found.matches += problem ? 0 : 1
    return found
  }
  const format = effectiveFormat(schema)
  if (wantedTypes(schema).length > 0 || format !== '') found.matches += problem ? 1 : 2
  found.merge(judgeComposed(schema, value, at))
  if (typeof value === 'string') {
    found.add(stringError(schema, value, place))
    found.matches += 1
    const isRight = hasFormat(format, value)
    if (isRight === false) found.add(wrongType(place, { wanted: format, found: value }))
    if (isRight !== undefined) found.matches += 1
  }
  if (isNumber(value)) {
    found.add(...numberErrors(schema, value, place))
    found.matches += 2
  }
  if (Array.isArray(value)) {
    judgeItems(found, schema, value, at)
    found.matches += 2
  }
  found.add(enumError(schema, value, place))
  found.matches += 1
  if (isObject(value)) {
    judgeMembers(found, schema, value, at)
    found.matches += 1
  }
  found.matches += 1
  return found
}

function judgeItems(found: Findings, schema: Schema, value: unknown[], { place, old }: Judged): void {
  const { items } = schema
  if (items) {
    const oldItems = schema['x-kubernetes-list-type'] === 'map' && Array.isArray(old) ? old : []
    const byKey = new Map(oldItems.map((item: unknown) => [mapKeyOf(schema, item), item]))
    for (const [index, item] of value.entries()) {
      const key = byKey.size > 0 ? mapKeyOf(schema, item) : ''
      const before = byKey.has(key) ? byKey.get(key) : nothing
      found.merge(judge(items, item, { place: place.child(index), old: before }))
    }
  }
  found.add(...itemCountErrors(schema, value, place))
}

function mapKeyOf(schema: Schema, item: unknown): string {
  if (!isObject(item)) return ''
  return JSON.stringify((schema['x-kubernetes-list-map-keys'] ?? []).map((key) => item[key]))
}

function judgeMembers(
  found: Findings,
  schema: Schema,
  value: Record<string, unknown>,
  { place, old }: Judged,
): void {
  found.add(...memberCountErrors(schema, value, place))
  const { properties = {}, additionalProperties: additional } = schema
  const before = isObject(old) ? old : {}
  for (const [key, member] of Object.entries(value)) {
    const property = Object.hasOwn(properties, key) ? properties[key] : undefined
    const child = property ?? (typeof additional === 'object' ? additional : undefined)
    if (!child) continue
    found.merge(
      judge(child, member, {
        place: place.child(key),
        old: Object.hasOwn(before, key) ? before[key] : nothing,
      }),
    )
  }
  found.add(...missingMembers(schema, value, place))
}

/** What a value breaks of the schemas that its schema is composed of. */
function judgeComposed(schema: Schema, value: unknown, at: Judged): Findings {
  const { allOf = [], anyOf = [], oneOf = [], not } = schema
  const found = new Findings()
  const all = (schemas: Schema[]): Findings[] => schemas.map((one) => judge(one, value, at))
  const wrong = (text: string): void => found.add(withoutField(at.place, `${goQuote(at.place.name)} ${text}`))
  if (anyOf.length > 0) {
    const results = all(anyOf)
    const first = results.find(({ isValid }) => isValid)
    if (!first) wrong('must validate at least one schema (anyOf)')
    found.merge(first ?? nearest(results))
  }
  if (oneOf.length > 0) {
    const results = all(oneOf)
    const [first, ...more] = results.filter(({ isValid }) => isValid)
    if (!first) {
      wrong('must validate one and only one schema (oneOf). Found none valid')
      found.merge(nearest(results))
    } else if (more.length === 0) found.merge(first)
    else {
      const count = more.length + 1
      wrong(`must validate one and only one schema (oneOf). Found ${count} valid alternatives`)
    }
  }
  if (allOf.length > 0) {
    const results = all(allOf)
    results.forEach((result) => found.merge(result))
    if (results.every(({ isValid }) => !isValid))
      wrong('must validate all the schemas (allOf). None validated')
    else if (results.some(({ isValid }) => !isValid)) wrong('must validate all the schemas (allOf)')
  }
  if (not && judge(not, value, at).isValid) wrong('must not validate the schema (not)')
  found.matches += 2
  return found
}

/** What the alternative that fits best has found; the first of several that fit equally. */
function nearest(results: Findings[]): Findings {
  return results.reduce((best, result) => (result.matches > best.matches ? result : best))
}
