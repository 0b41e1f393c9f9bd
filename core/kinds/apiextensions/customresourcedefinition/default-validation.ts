import type { FieldError } from '../../../api/status.ts'
import { jsonEqual } from '../../../registry/json-equal.ts'
import { DecodeState } from '../../../registry/schema/decode-error.ts'
import type { Schema } from '../../../registry/schema/schema.ts'
import { createPatternMatcher } from '../../../registry/schema/structural/patterns.ts'
import { pruneAndDefault } from '../../../registry/schema/structural/prune-and-default.ts'
import { embeddedErrors } from '../../../registry/schema/structural/validate-embedded.ts'
import { validateValue } from '../../../registry/schema/structural/validate-value.ts'
import { invalidValue } from '../../../api/field-errors.ts'
import { walkSchema } from './crd.ts'
import type { CrdSchema } from './crd.ts'

/** Defaults must fit their own schema and name no field that it does not have (upstream: structuraldefaulting). */
export function validateDefaults(schema: CrdSchema, path: string): FieldError[] {
  const errors: FieldError[] = []
  const patterns = createPatternMatcher()
  walkSchema(schema, path, (node, at) => {
    if (node.default === undefined) return
    const field = `${at}.default`
    if (hasUnknownFields(node)) errors.push(invalidValue(field, node.default, 'must not have unknown fields'))
    if (at === path)
      errors.push(...embeddedErrors({ 'x-kubernetes-embedded-resource': true }, node.default, [field]))
    errors.push(...validateValue(node as Schema, node.default, { root: field, patterns }))
  })
  return errors
}

function hasUnknownFields(node: CrdSchema): boolean {
  const state = new DecodeState()
  const bare = withoutDefaults(node)
  const pruned = pruneAndDefault(
    { type: 'object', properties: { value: bare } },
    { value: node.default },
    {
      state,
      readMetadata: (value) => value,
    },
  ) as { value: unknown }
  return state.unknownFields.length > 0 || !jsonEqual(pruned.value, node.default)
}

function withoutDefaults(schema: CrdSchema): Schema {
  const copy = structuredClone(schema)
  walkSchema(copy, '', (node) => delete node.default)
  return copy as Schema
}
