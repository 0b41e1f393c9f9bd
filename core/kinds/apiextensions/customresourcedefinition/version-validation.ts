import type {
  CustomResourceColumnDefinition,
  CustomResourceSubresourceScale,
} from '../../../api/generated/apiextensions-v1.ts'
import type { FieldError } from '../../../api/status.ts'
import { invalidValue, required } from '../../../api/field-errors.ts'
import { schemaOf } from './crd.ts'
import type { CrdVersion } from './crd.ts'
import type { CommonParts } from './hub-form.ts'
import { validateSchema } from './schema-validation.ts'
import { validateSelectableFields } from './selectable-fields.ts'

const columnTypes = ['boolean', 'date', 'integer', 'number', 'string']
const columnFormats = ['byte', 'date', 'date-time', 'double', 'float', 'int32', 'int64', 'password']

/** Where a part of a definition stands, and whether its status is a subresource. */
export interface PartPlace {
  path: string
  hasStatus: boolean
}

/** Every problem of what one version says for itself but its name. */
export function validateVersion(version: CrdVersion, { path, hasStatus }: PartPlace): FieldError[] {
  const { selectableFields = [] } = version
  const schema = schemaOf(version)
  const errors = validateDeprecation(version, `${path}.deprecationWarning`)
  if (schema) errors.push(...validateSchema(schema, { path: `${path}.schema`, hasStatus }))
  errors.push(...validateServing(version, path))
  if (selectableFields.length === 0) return errors
  const field = `${path}.selectableFields`
  if (schema) return [...errors, ...validateSelectableFields(selectableFields, schema, field)]
  const why = 'may only be set when `version.schema.openAPIV3Schema` is not included'
  return [...errors, invalidValue(field, '', why)]
}

/** Every problem of what all versions have in common. */
export function validateCommonParts(common: CommonParts, { path, hasStatus }: PartPlace): FieldError[] {
  const { selectableFields = [] } = common
  const schema = schemaOf(common)
  const errors = schema ? validateSchema(schema, { path: `${path}.validation`, hasStatus }) : []
  errors.push(...validateServing(common, path))
  if (selectableFields.length === 0) return errors
  const field = `${path}.selectableFields`
  if (schema) return [...errors, ...validateSelectableFields(selectableFields, schema, field)]
  return [...errors, invalidValue(field, '', 'may only be set when validations.schema is included')]
}

function validateServing(
  { subresources, additionalPrinterColumns = [] }: CommonParts,
  path: string,
): FieldError[] {
  return [
    ...(subresources?.scale ? validateScale(subresources.scale, `${path}.subresources.scale`) : []),
    ...additionalPrinterColumns.flatMap((column, index) =>
      validateColumn(column, `${path}.additionalPrinterColumns[${index}]`),
    ),
  ]
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
