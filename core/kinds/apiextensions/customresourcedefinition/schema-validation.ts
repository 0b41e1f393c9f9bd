import type { FieldError } from '../../../api/status.ts'
import { forbiddenField, invalidValue, notSupported, required } from '../../../api/field-errors.ts'
import { internalForm } from '../../validation/internal-form.ts'
import { walkSchema } from './crd.ts'
import type { CrdSchema } from './crd.ts'
import { validateDefaults } from './default-validation.ts'
import { validateListTypes } from './list-type-validation.ts'
import { validateRuleExpressions } from './rule-expressions.ts'
import { validateRules } from './rule-validation.ts'
import { validateStructure } from './structural-validation.ts'

const types = ['array', 'boolean', 'integer', 'number', 'object', 'string']
/** What the root schema may say when status is a subresource, by upstream's names. */
const rootMembers: Record<string, string> = {
  description: 'Description',
  type: 'Type',
  format: 'Format',
  title: 'Title',
  maximum: 'Maximum',
  exclusiveMaximum: 'ExclusiveMaximum',
  minimum: 'Minimum',
  exclusiveMinimum: 'ExclusiveMinimum',
  maxLength: 'MaxLength',
  minLength: 'MinLength',
  pattern: 'Pattern',
  maxItems: 'MaxItems',
  minItems: 'MinItems',
  uniqueItems: 'UniqueItems',
  multipleOf: 'MultipleOf',
  required: 'Required',
  items: 'Items',
  properties: 'Properties',
  externalDocs: 'ExternalDocs',
  example: 'Example',
  'x-kubernetes-preserve-unknown-fields': 'XPreserveUnknownFields',
  'x-kubernetes-validations': 'XValidations',
}

/** Every problem of a version's schema; `path` is that of the member that holds `openAPIV3Schema`. */
export function validateSchema(
  schema: CrdSchema,
  { path, hasStatus }: { path: string; hasStatus: boolean },
): FieldError[] {
  const field = `${path}.openAPIV3Schema`
  const errors = hasStatus ? validateRoot(schema, field) : []
  if (schema.nullable) errors.push(forbiddenField(`${field}.nullable`, 'nullable cannot be true at the root'))
  const unsupported = unsupportedMember(schema)
  if (unsupported === undefined) {
    const structural = validateStructure(schema, field)
    errors.push(...(structural.length > 0 ? structural : validateDefaults(schema, field)))
  }
  errors.push(...validateMembers(schema, { path: field, inMetadata: false, isRoot: true }))
  if (errors.length === 0 && unsupported !== undefined)
    errors.push(invalidValue(field, '', `OpenAPIV3Schema '${unsupported}' is not supported`))
  // Types can be made of schemas only that are right.
  return errors.length > 0 ? errors : validateRuleExpressions(schema, field)
}

/** What keeps a schema from being structural before anything else is looked at (upstream: schema/convert.go). */
function unsupportedMember(schema: CrdSchema): string | undefined {
  let found: string | undefined
  const names = [
    'id',
    '$schema',
    '$ref',
    'patternProperties',
    'dependencies',
    'additionalItems',
    'definitions',
  ]
  walkSchema(schema, '', (node) => {
    found ??= names.find((name) => node[name as '$ref'] !== undefined)
    if (Array.isArray(node.items)) found ??= 'items'
  })
  return found?.replace('$schema', 'schema')
}

function validateRoot(schema: CrdSchema, field: string): FieldError[] {
  if (schema.type !== undefined && schema.type !== 'object') {
    const why =
      'only "object" is allowed as the type at the root of the schema if the status subresource is enabled'
    return [invalidValue(`${field}.type`, schema.type, why)]
  }
  if (Object.keys(schema).every((name) => Object.hasOwn(rootMembers, name))) return []
  const why = `only [${Object.values(rootMembers).join(' ')}] fields are allowed at the root of the schema if the status subresource is enabled`
  return [invalidValue(field, internalForm('apiextensions.JSONSchemaProps', schema), why)]
}

interface Place {
  path: string
  /** Inside apiVersion, kind or metadata of the object or of an embedded one. */
  inMetadata: boolean
  isRoot: boolean
  /** Why there may be no default here. */
  noDefault?: string
}

/** What OpenAPI offers and definitions may not use, and the rules of the extensions, here and in every schema below. */
function validateMembers(schema: CrdSchema, place: Place): FieldError[] {
  const { path } = place
  const errors = validateUnsupported(schema, place)
  const { items, properties = {}, additionalProperties: additional, not } = schema
  const below = {
    inMetadata: place.inMetadata,
    isRoot: false,
    ...(place.noDefault && { noDefault: place.noDefault }),
  }
  if (additional !== undefined && Object.keys(properties).length > 0 && additional !== true) {
    const why = 'additionalProperties and properties are mutual exclusive'
    errors.push(forbiddenField(`${path}.additionalProperties`, why))
  }
  if (typeof additional === 'object') {
    const noDefault = 'inside additionalProperties applying to object metadata'
    const inner = place.inMetadata ? { ...below, noDefault } : below
    errors.push(...validateMembers(additional, { ...inner, path: `${path}.additionalProperties` }))
  }
  for (const [name, property] of Object.entries(properties)) {
    const isMeta = ['metadata', 'kind', 'apiVersion'].includes(name)
    const entersMeta = isMeta && (place.isRoot || schema['x-kubernetes-embedded-resource'] === true)
    errors.push(
      ...validateMembers(property, {
        ...below,
        ...(entersMeta && { inMetadata: true }),
        ...(entersMeta && place.isRoot && { noDefault: `in top-level ${name}` }),
        path: `${path}.properties[${name}]`,
      }),
    )
  }
  if (not) errors.push(...validateMembers(not, { ...below, path: `${path}.not` }))
  for (const key of ['allOf', 'oneOf', 'anyOf'] as const) {
    for (const [index, one] of (schema[key] ?? []).entries())
      errors.push(...validateMembers(one, { ...below, path: `${path}.${key}[${index}]` }))
  }
  if (items && !Array.isArray(items))
    errors.push(...validateMembers(items, { ...below, path: `${path}.items` }))
  return [...errors, ...validateExtensions(schema, path)]
}

function validateUnsupported(schema: CrdSchema, { path, inMetadata, noDefault }: Place): FieldError[] {
  const errors: FieldError[] = []
  if ((schema.type as string | undefined) === 'null') {
    const why = 'type cannot be set to null, use nullable as an alternative'
    errors.push(notSupported(`${path}.type`, schema.type, types), forbiddenField(`${path}.type`, why))
  } else if (schema.type && !types.includes(schema.type)) {
    errors.push(notSupported(`${path}.type`, schema.type, types))
  }
  if (schema.default !== undefined && noDefault) {
    errors.push(forbiddenField(`${path}.default`, `must not be set ${noDefault}`))
  }
  const unsupported = [
    'id',
    'additionalItems',
    'patternProperties',
    'definitions',
    'dependencies',
    '$ref',
  ] as const
  for (const name of unsupported) {
    if (schema[name] !== undefined) errors.push(forbiddenField(`${path}.${name}`, `${name} is not supported`))
  }
  if (Array.isArray(schema.items)) {
    errors.push(forbiddenField(`${path}.items`, 'items must be a schema object and not an array'))
  }
  if (inMetadata && schema['x-kubernetes-embedded-resource']) {
    const why = 'must not be used inside of resource meta'
    errors.push(forbiddenField(`${path}.x-kubernetes-embedded-resource`, why))
  }
  if (schema.uniqueItems) {
    const why = 'uniqueItems cannot be set to true since the runtime complexity becomes quadratic'
    errors.push(forbiddenField(`${path}.uniqueItems`, why))
  }
  return errors
}

function validateExtensions(schema: CrdSchema, path: string): FieldError[] {
  const errors: FieldError[] = []
  if (schema['x-kubernetes-preserve-unknown-fields'] === false) {
    errors.push(
      invalidValue(`${path}.x-kubernetes-preserve-unknown-fields`, false, 'must be true or undefined'),
    )
  }
  const mapType = schema['x-kubernetes-map-type'] as string | undefined
  if (mapType !== undefined && schema.type !== 'object') {
    const why = 'must be object if x-kubernetes-map-type is specified'
    errors.push(schema.type ? invalidValue(`${path}.type`, schema.type, why) : required(`${path}.type`, why))
  }
  if (mapType !== undefined && mapType !== 'atomic' && mapType !== 'granular') {
    errors.push(notSupported(`${path}.x-kubernetes-map-type`, mapType, ['atomic', 'granular']))
  }
  return [...errors, ...validateListTypes(schema, path), ...validateRules(schema, path)]
}
