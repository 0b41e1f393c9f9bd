import type { FieldError } from '../../../api/status.ts'
import { patternProblem } from '../../../registry/schema/structural/patterns.ts'
import { forbiddenField, invalidValue, required } from '../../../api/field-errors.ts'
import type { CrdSchema } from './crd.ts'

type Level = 'root' | 'item' | 'field'

const missingType: Record<Level, string> = {
  root: 'must not be empty at the root',
  item: 'must not be empty for specified array items',
  field: 'must not be empty for specified object fields',
}

/** Whether a schema is structural (upstream: apiserver/schema ValidateStructural); problems in order of their text. */
export function validateStructure(schema: CrdSchema, path: string): FieldError[] {
  const errors = [...validateNode(schema, 'root', path), ...validateCompleteness(schema, schema, path)]
  return errors.sort((a, b) => (`${a.field}: ${a.message}` < `${b.field}: ${b.message}` ? -1 : 1))
}

function validateNode(schema: CrdSchema, level: Level, path: string): FieldError[] {
  const { type, items, properties = {}, additionalProperties: additional } = schema
  const isIntOrString = schema['x-kubernetes-int-or-string'] === true
  const isEmbedded = schema['x-kubernetes-embedded-resource'] === true
  const preserves = schema['x-kubernetes-preserve-unknown-fields'] === true
  const errors: FieldError[] = []
  if (type === 'array' && !items) errors.push(required(`${path}.items`, 'must be specified'))
  if (items && !Array.isArray(items)) errors.push(...validateNode(items, 'item', `${path}.items`))
  for (const [name, property] of Object.entries(properties))
    errors.push(...validateNode(property, 'field', `${path}.properties[${name}]`))
  if (additional !== undefined && level === 'root')
    errors.push(forbiddenField(`${path}.additionalProperties`, 'must not be used at the root'))
  if (typeof additional === 'object')
    errors.push(...validateNode(additional, 'field', `${path}.additionalProperties`))
  const mustBeFalse = 'must be false if x-kubernetes-int-or-string is true'
  if (isIntOrString && preserves)
    errors.push(invalidValue(`${path}.x-kubernetes-preserve-unknown-fields`, true, mustBeFalse))
  if (isIntOrString && isEmbedded)
    errors.push(invalidValue(`${path}.x-kubernetes-embedded-resource`, true, mustBeFalse))
  errors.push(...validateConditions(schema, { path, isIntOrString }))
  if (isEmbedded) errors.push(...validateEmbedded(schema, path))
  else if (!type && !isIntOrString && !preserves) errors.push(required(`${path}.type`, missingType[level]))
  if (level === 'root' && type && type !== 'object')
    errors.push(invalidValue(`${path}.type`, type, 'must be object at the root'))
  if (level === 'root' || isEmbedded) errors.push(...validateTypeMembers(properties, level, path))
  return errors
}

function validateEmbedded(schema: CrdSchema, path: string): FieldError[] {
  const errors: FieldError[] = []
  const { type, properties = {}, additionalProperties: additional } = schema
  if (type !== 'object') {
    const why = 'must be object if x-kubernetes-embedded-resource is true'
    errors.push(type ? invalidValue(`${path}.type`, type, why) : required(`${path}.type`, why))
  }
  if (additional !== undefined) {
    const why = 'must not be used if x-kubernetes-embedded-resource is set'
    errors.push(forbiddenField(`${path}.additionalProperties`, why))
  }
  if (!schema['x-kubernetes-preserve-unknown-fields'] && Object.keys(properties).length === 0) {
    const why =
      'must not be empty if x-kubernetes-embedded-resource is true without x-kubernetes-preserve-unknown-fields'
    errors.push(required(`${path}.properties`, why))
  }
  return errors
}

/** What a schema may say of kind, apiVersion and metadata of an object. */
function validateTypeMembers(
  properties: Record<string, CrdSchema>,
  level: Level,
  path: string,
): FieldError[] {
  const errors: FieldError[] = []
  for (const name of ['kind', 'apiVersion']) {
    const property = properties[name]
    if (property && property.type !== 'string')
      errors.push(invalidValue(`${path}.properties[${name}].type`, property.type ?? '', 'must be string'))
  }
  const { metadata } = properties
  if (!metadata) return errors
  const field = `${path}.properties[metadata]`
  if (metadata.type !== 'object')
    errors.push(invalidValue(`${field}.type`, metadata.type ?? '', 'must be object'))
  if (level !== 'root') return errors
  const {
    type: _type,
    properties: named = {},
    description: _description,
    default: _default,
    ...rest
  } = metadata
  const isAllowed = Object.keys(named).every((name) => name === 'name' || name === 'generateName')
  if (!isAllowed || Object.keys(rest).length > 0) {
    const why =
      'must not specify anything other than name and generateName, but metadata is implicitly specified'
    errors.push(forbiddenField(field, why))
  }
  return errors
}

const isIntOrStringChoice = (choices: CrdSchema[] | undefined): boolean =>
  choices?.length === 2 &&
  choices.every((one) => Object.keys(one).length === 1) &&
  choices[0]?.type === 'integer' &&
  choices[1]?.type === 'string'

/** The conditions of a value: allOf, anyOf, oneOf, not and pattern. */
function validateConditions(
  schema: CrdSchema,
  { path, isIntOrString, skipAnyOf = false }: { path: string; isIntOrString: boolean; skipAnyOf?: boolean },
): FieldError[] {
  const errors: FieldError[] = []
  const { pattern, not } = schema
  for (const key of ['anyOf', 'allOf', 'oneOf'] as const) {
    if (key === 'anyOf' && (skipAnyOf || (isIntOrString && isIntOrStringChoice(schema.anyOf)))) continue
    for (const [index, one] of (schema[key] ?? []).entries()) {
      const skips = key === 'allOf' && index === 0 && isIntOrString && isIntOrStringChoice(one.anyOf)
      errors.push(...validateNested(one, { path: `${path}.${key}[${index}]`, skipAnyOf: skips }))
    }
  }
  if (not) errors.push(...validateNested(not, { path: `${path}.not` }))
  const problem = pattern ? patternProblem(pattern) : undefined
  if (problem !== undefined) {
    const why = `must be a valid regular expression, but isn't: ${problem}`
    errors.push(invalidValue(`${path}.pattern`, pattern, why))
  }
  return errors
}

const forbiddenInside: [keyof CrdSchema, string][] = [
  ['type', 'must be empty to be structural'],
  ['additionalProperties', 'must be undefined to be structural'],
  ['default', 'must be undefined to be structural'],
  ['title', 'must be empty to be structural'],
  ['description', 'must be empty to be structural'],
  ['nullable', 'must be false to be structural'],
  ['externalDocs', 'must be undefined to be structural'],
  ['x-kubernetes-preserve-unknown-fields', 'must be false to be structural'],
  ['x-kubernetes-embedded-resource', 'must be false to be structural'],
  ['x-kubernetes-int-or-string', 'must be false to be structural'],
  ['x-kubernetes-list-map-keys', 'must be empty to be structural'],
  ['x-kubernetes-list-type', 'must be undefined to be structural'],
  ['x-kubernetes-map-type', 'must be undefined to be structural'],
  ['x-kubernetes-validations', 'must be empty to be structural'],
]

/** A schema under a junctor may only check values, not shape them. */
function validateNested(
  schema: CrdSchema,
  { path, skipAnyOf = false }: { path: string; skipAnyOf?: boolean },
): FieldError[] {
  const errors = validateConditions(schema, { path, isIntOrString: false, skipAnyOf })
  if (schema.items) errors.push(...validateNested(schema.items, { path: `${path}.items` }))
  for (const [name, property] of Object.entries(schema.properties ?? {})) {
    errors.push(...validateNested(property, { path: `${path}.properties[${name}]` }))
    if (name === 'metadata') {
      const why = 'must not be specified in a nested context'
      errors.push(forbiddenField(`${path}.properties[metadata]`, why))
    }
  }
  for (const [name, why] of forbiddenInside) {
    if (schema[name] !== undefined) errors.push(forbiddenField(`${path}.${name}`, why))
  }
  return errors
}

/**
 * What is checked under a junctor must be a part of the schema itself too (upstream: schema/complete.go). Only junctors
 * at the root, and what lies under them, are followed.
 */
function validateCompleteness(whole: CrdSchema, part: CrdSchema, path: string): FieldError[] {
  const errors: FieldError[] = []
  const junctors: [CrdSchema, string][] = []
  for (const key of ['allOf', 'anyOf', 'oneOf'] as const)
    for (const [index, one] of (part[key] ?? []).entries()) junctors.push([one, `${path}.${key}[${index}]`])
  if (part.not) junctors.push([part.not, `${path}.not`])
  for (const [nested, field] of junctors) errors.push(...validatePresence(whole, nested, field))
  return errors
}

function validatePresence(whole: CrdSchema | undefined, nested: CrdSchema, path: string): FieldError[] {
  if (!whole) return []
  const errors = validateCompleteness(whole, nested, path)
  if (nested.items) {
    if (!whole.items) errors.push(required(missingPath(`${path}.items`), because(`${path}.items`)))
    else errors.push(...validatePresence(whole.items, nested.items, `${path}.items`))
  }
  for (const [name, property] of Object.entries(nested.properties ?? {})) {
    const field = `${path}.properties[${name}]`
    const counterpart = whole.properties?.[name]
    if (!counterpart) errors.push(required(missingPath(field), because(field)))
    else errors.push(...validatePresence(counterpart, property, field))
  }
  return errors
}

/** Where a part would have to stand outside of all junctors. */
function missingPath(path: string): string {
  return path.replace(/\.(?:allOf|anyOf|oneOf)\[\d+\]|\.not(?=\.|$)/g, '')
}

function because(path: string): string {
  return `because it is defined in ${path}`
}
