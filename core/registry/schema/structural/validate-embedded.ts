import type { ObjectMeta } from '../../../api/meta.ts'
import { invalidValue, required } from '../../../api/field-errors.ts'
import { dns1035LabelProblems, pathPrefixProblems, pathSegmentProblems } from '../../../api/names.ts'
import type { FieldError } from '../../../api/status.ts'
import { validateMetadata } from '../../validation/metadata.ts'
import { formatPath, mapValuePath } from '../decode-error.ts'
import type { Schema } from '../schema.ts'
import { isObject } from './value-rules.ts'

/** Every problem of the objects embedded in a value (upstream: schema/objectmeta Validate). */
export function embeddedErrors(
  schema: Schema,
  value: unknown,
  path: readonly (string | number)[] = [],
): FieldError[] {
  if (Array.isArray(value)) {
    const { items } = schema
    return items ? value.flatMap((item, index) => embeddedErrors(items, item, [...path, index])) : []
  }
  if (!isObject(value)) return []
  const errors = schema['x-kubernetes-embedded-resource'] ? objectErrors(value, path) : []
  const { properties = {}, additionalProperties: additional } = schema
  for (const [key, member] of Object.entries(value)) {
    if (Object.hasOwn(properties, key))
      errors.push(...embeddedErrors(properties[key]!, member, [...path, key]))
    else if (typeof additional === 'object')
      errors.push(...embeddedErrors(additional, member, mapValuePath(path, key)))
  }
  return errors
}

function objectErrors(value: Record<string, unknown>, path: readonly (string | number)[]): FieldError[] {
  const at = (name: string): string => formatPath([...path, name])
  const errors: FieldError[] = []
  for (const name of ['apiVersion', 'kind']) {
    if (value[name] === undefined) errors.push(required(at(name)))
  }
  for (const [name, given] of Object.entries(value)) {
    if (name === 'apiVersion' || name === 'kind') {
      const problem = typeof given === 'string' ? textProblem(name, given) : 'must be a string'
      if (problem) errors.push(invalidValue(at(name), given, problem))
    } else if (name === 'metadata' && isObject(given)) errors.push(...metadataErrors(given, at(name)))
  }
  return errors
}

function textProblem(name: 'apiVersion' | 'kind', text: string): string | undefined {
  if (text === '') return 'must not be empty'
  if (name === 'apiVersion')
    return text.split('/').length > 2 ? `unexpected GroupVersion string: ${text}` : undefined
  const problems = dns1035LabelProblems(text.toLowerCase())
  return problems.length > 0
    ? `may have mixed case, but should otherwise match: ${problems.join(',')}`
    : undefined
}

/** `given` has been read as metadata before. */
function metadataErrors(given: Record<string, unknown>, field: string): FieldError[] {
  const metadata = given as Partial<ObjectMeta>
  // An embedded object needs no name.
  const named = { ...metadata, name: metadata.name || 'fakename' } as ObjectMeta
  const errors = validateMetadata(named, {
    namespaced: (metadata.namespace ?? '') !== '',
    nameProblems: pathSegmentProblems,
    prefixProblems: pathPrefixProblems,
    qualifiesFinalizers: false,
  })
  return errors.map((error) => ({ ...error, field: error.field.replace(/^metadata/, field) }))
}
