import type {
  CustomResourceColumnDefinition,
  CustomResourceSubresourceScale,
} from '../../../api/generated/apiextensions-v1.ts'
import type { FieldError } from '../../../api/status.ts'
import { duplicate, invalidValue, required, tooMany } from '../../validation/field-errors.ts'
import { schemaOf } from './crd.ts'
import type { CrdSchema, CrdVersion } from './crd.ts'
import { validateSchema } from './schema-validation.ts'

const columnTypes = ['boolean', 'date', 'integer', 'number', 'string']
const columnFormats = ['byte', 'date', 'date-time', 'double', 'float', 'int32', 'int64', 'password']
const maxSelectableFields = 8

/** Every problem of one version but its name. */
export function validateVersion(version: CrdVersion, path: string): FieldError[] {
  const { subresources, additionalPrinterColumns = [] } = version
  const schema = schemaOf(version)
  const errors = validateDeprecation(version, `${path}.deprecationWarning`)
  if (schema) {
    const hasStatus = subresources?.status !== undefined
    errors.push(...validateSchema(schema, { path: `${path}.schema`, hasStatus }))
  }
  if (subresources?.scale) errors.push(...validateScale(subresources.scale, `${path}.subresources.scale`))
  for (const [index, column] of additionalPrinterColumns.entries()) {
    errors.push(...validateColumn(column, `${path}.additionalPrinterColumns[${index}]`))
  }
  if (schema) errors.push(...validateSelectableFields(version, schema, `${path}.selectableFields`))
  return errors
}

function validateDeprecation({ deprecated, deprecationWarning }: CrdVersion, field: string): FieldError[] {
  if (deprecationWarning === undefined) return []
  if (!deprecated) {
    return [invalidValue(field, deprecationWarning, 'can only be set for deprecated versions')]
  }
  const errors: FieldError[] = []
  if (Buffer.byteLength(deprecationWarning) > 256)
    errors.push(invalidValue(field, deprecationWarning, 'must be <= 256 characters long'))
  if (deprecationWarning === '')
    errors.push(invalidValue(field, deprecationWarning, 'must not be an empty string'))
  const at = deprecationWarning.search(/[^\p{L}\p{M}\p{N}\p{P}\p{S} ]/u)
  if (at >= 0) {
    const why = `must only contain printable UTF-8 characters; non-printable character found at index ${at}`
    errors.push(invalidValue(field, deprecationWarning, why))
  }
  return errors
}

function validateDottedPath(text: string, field: string): FieldError[] {
  if (!text.startsWith('.')) return [invalidValue(field, text, 'must be a simple json path starting with .')]
  return []
}

function validateScale(scale: CustomResourceSubresourceScale, path: string): FieldError[] {
  const { specReplicasPath, statusReplicasPath, labelSelectorPath } = scale
  return [
    ...validateScalePath(specReplicasPath, `${path}.specReplicasPath`, ['.spec.']),
    ...validateScalePath(statusReplicasPath, `${path}.statusReplicasPath`, ['.status.']),
    ...(labelSelectorPath
      ? validateScalePath(labelSelectorPath, `${path}.labelSelectorPath`, ['.spec.', '.status.'])
      : []),
  ]
}

function validateScalePath(text: string, field: string, roots: string[]): FieldError[] {
  if (!text) return [required(field)]
  const errors = validateDottedPath(text, field)
  if (errors.length > 0) return errors
  const names = roots.map((root) => root.slice(0, -1))
  if (!roots.some((root) => text.startsWith(root))) {
    const where = names.length > 1 ? `either ${names.join(' or ')}` : names[0]
    return [invalidValue(field, text, `should be a json path under ${where}`)]
  }
  return text.split('.').includes('__proto__')
    ? [invalidValue(field, text, 'must name fields of the object')]
    : []
}

function validateColumn(column: CustomResourceColumnDefinition, path: string): FieldError[] {
  const errors: FieldError[] = []
  if (!column.name) errors.push(required(`${path}.name`))
  const types = `must be one of ${columnTypes.join(',')}`
  if (!column.type) errors.push(required(`${path}.type`, types))
  else if (!columnTypes.includes(column.type)) errors.push(invalidValue(`${path}.type`, column.type, types))
  if (column.format && !columnFormats.includes(column.format)) {
    errors.push(invalidValue(`${path}.format`, column.format, `must be one of ${columnFormats.join(',')}`))
  }
  if (!column.jsonPath) errors.push(required(`${path}.JSONPath`))
  else errors.push(...validateDottedPath(column.jsonPath, `${path}.JSONPath`))
  return errors
}

function validateSelectableFields(version: CrdVersion, schema: CrdSchema, path: string): FieldError[] {
  const seen = new Set<string>()
  const errors: FieldError[] = []
  for (const [index, { jsonPath }] of (version.selectableFields ?? []).entries()) {
    const field = `${path}[${index}].jsonPath`
    if (!jsonPath) {
      errors.push(required(field))
      continue
    }
    const found = schemaAt(schema, jsonPath)
    if (!found) {
      errors.push(invalidValue(field, jsonPath, 'is an invalid path: does not refer to a valid field'))
      continue
    }
    if (jsonPath.startsWith('.metadata')) {
      errors.push(invalidValue(field, jsonPath, 'must not point to fields in metadata'))
    }
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

function schemaAt(schema: CrdSchema, jsonPath: string): CrdSchema | undefined {
  if (!jsonPath.startsWith('.')) return undefined
  let at: CrdSchema | undefined = schema
  for (const name of jsonPath.slice(1).split('.')) {
    const { properties = {}, additionalProperties: additional }: CrdSchema = at
    at = Object.hasOwn(properties, name)
      ? properties[name]
      : typeof additional === 'object'
        ? additional
        : undefined
    if (!at) return undefined
  }
  return at
}
