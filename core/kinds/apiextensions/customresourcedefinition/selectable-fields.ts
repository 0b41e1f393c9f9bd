import type { SelectableField } from '../../../api/generated/apiextensions-v1.ts'
import type { FieldError } from '../../../api/status.ts'
import { duplicate, invalidValue, required, tooMany } from '../../../api/field-errors.ts'
import type { CrdSchema } from './crd.ts'

const maxSelectableFields = 8
const noSuchField = 'does not refer to a valid field'

/** The fields that objects may be selected by (upstream: ValidateCustomResourceSelectableFields). */
export function validateSelectableFields(
  fields: readonly SelectableField[],
  schema: CrdSchema,
  path: string,
): FieldError[] {
  const seen = new Set<string>()
  const errors: FieldError[] = []
  for (const [index, { jsonPath }] of fields.entries()) {
    const field = `${path}[${index}].jsonPath`
    if (!jsonPath) {
      errors.push(required(field))
      continue
    }
    const found = schemaAt(schema, jsonPath)
    if (typeof found === 'string') {
      errors.push(invalidValue(field, jsonPath, `is an invalid path: ${found}`))
      continue
    }
    if (/^\.metadata(?:\.|$)/.test(jsonPath))
      errors.push(invalidValue(field, jsonPath, 'must not point to fields in metadata'))
    if (!['string', 'boolean', 'integer'].includes(found.type ?? '')) {
      const why =
        'must point to a field of type string, boolean or integer. Enum string fields and strings with formats are allowed.'
      errors.push(invalidValue(field, jsonPath, why))
    }
    if (seen.has(jsonPath)) errors.push(duplicate(field, jsonPath))
    seen.add(jsonPath)
  }
  if (seen.size > maxSelectableFields) errors.push(tooMany(path, seen.size, maxSelectableFields))
  return errors
}

/** The schema that a path leads to, or why it leads nowhere (upstream: schema/cel ValidFieldPath). */
function schemaAt(root: CrdSchema, jsonPath: string): CrdSchema | string {
  const tokens = jsonPath.match(/[.[\]]|[^.[\]]+/g) ?? []
  let at = root
  for (let index = 0; index < tokens.length; index += 2) {
    const token = tokens[index]!
    if (token === '[') return 'array notation is not allowed'
    if (token !== '.') return `expected [ or . but got: ${token}`
    const name = tokens[index + 1]
    if (name === undefined) return 'unexpected end of JSON path'
    const { properties, additionalProperties: additional } = at
    const next =
      properties === undefined ? additional : Object.hasOwn(properties, name) ? properties[name] : undefined
    if (typeof next !== 'object') return noSuchField
    at = next
  }
  return at
}
