import type { FieldError } from '../../../api/status.ts'
import { forbiddenField, invalidValue, notSupported, required } from '../../../api/field-errors.ts'
import type { CrdSchema } from './crd.ts'
import { repeats } from '../../validation/repeats.ts'

const listTypeMember = 'x-kubernetes-list-type'
const keysMember = 'x-kubernetes-list-map-keys'

/** The rules of x-kubernetes-list-type and x-kubernetes-list-map-keys. */
export function validateListTypes(schema: CrdSchema, path: string): FieldError[] {
  const listType = schema[listTypeMember] as string | undefined
  const keys = schema[keysMember] ?? []
  const errors: FieldError[] = []
  if (listType !== undefined && schema.type !== 'array') {
    const why = 'must be array if x-kubernetes-list-type is specified'
    errors.push(schema.type ? invalidValue(`${path}.type`, schema.type, why) : required(`${path}.type`, why))
  } else if (listType === 'set' && schema.items) {
    errors.push(...validateSetItems(schema.items, `${path}.items`))
  }
  if (listType !== undefined && !['atomic', 'set', 'map'].includes(listType)) {
    errors.push(notSupported(`${path}.${listTypeMember}`, listType, ['atomic', 'set', 'map']))
  }
  if (keys.length > 0 && listType !== 'map') {
    const why = 'must be map if x-kubernetes-list-map-keys is non-empty'
    const field = `${path}.${listTypeMember}`
    errors.push(listType === undefined ? required(field, why) : invalidValue(field, listType, why))
  }
  if (listType === 'map') errors.push(...validateMapItems(schema, path))
  if ((listType === 'map' || listType === 'set') && schema.items?.nullable) {
    const why = `cannot be nullable when x-kubernetes-list-type is ${listType}`
    errors.push(forbiddenField(`${path}.items.nullable`, why))
  }
  return listType === 'map' ? [...errors, ...validateKeyMembers(schema, path)] : errors
}

function validateSetItems(items: CrdSchema, path: string): FieldError[] {
  const why = 'must be atomic as item of a list with x-kubernetes-list-type=set'
  if (items.type === 'array' && items[listTypeMember] !== undefined && items[listTypeMember] !== 'atomic') {
    return [invalidValue(`${path}.${listTypeMember}`, items[listTypeMember], why)]
  }
  if (items.type === 'object' && items['x-kubernetes-map-type'] !== 'atomic') {
    return [invalidValue(`${path}.x-kubernetes-map-type`, items[listTypeMember], why)]
  }
  return []
}

function validateMapItems(schema: CrdSchema, path: string): FieldError[] {
  const keys = schema[keysMember] ?? []
  const field = `${path}.${keysMember}`
  const errors: FieldError[] = []
  if (keys.length === 0) errors.push(required(field, 'must not be empty if x-kubernetes-list-type is map'))
  const { items } = schema
  if (!items)
    return [...errors, required(`${path}.items`, 'must have a schema if x-kubernetes-list-type is map')]
  if (items.type !== 'object') {
    const why = "must be object if parent array's x-kubernetes-list-type is map"
    return [...errors, invalidValue(`${path}.items.type`, items.type ?? '', why)]
  }
  const { properties = {} } = items
  const repeated = repeats(keys)
  for (const [index, key] of keys.entries()) {
    const property = Object.hasOwn(properties, key) ? properties[key] : undefined
    const place = `${path}.items.properties[${key}]`
    if (!property) errors.push(invalidValue(field, keys, 'entries must all be names of item properties'))
    else if (property.type === 'array' || property.type === 'object') {
      const why = "must be a scalar type if parent array's x-kubernetes-list-type is map"
      errors.push(invalidValue(`${place}.type`, items.type, why))
    }
    if (repeated.has(index)) errors.push(invalidValue(field, keys, 'must not contain duplicate entries'))
  }
  return errors
}

/** The keys of an item are always there: required or with a default, and never null. */
function validateKeyMembers({ items, ...list }: CrdSchema, path: string): FieldError[] {
  const { properties = {}, required: requiredNames = [] } = items ?? {}
  const errors: FieldError[] = []
  for (const key of list[keysMember] ?? []) {
    const property = Object.hasOwn(properties, key) ? properties[key] : undefined
    const place = `${path}.items.properties[${key}]`
    if (property && !requiredNames.includes(key) && property.default === undefined) {
      const why =
        'this property is in x-kubernetes-list-map-keys, so it must have a default or be a required property'
      errors.push(required(`${place}.default`, why))
    }
    if (property?.nullable) {
      const why = 'this property is in x-kubernetes-list-map-keys, so it cannot be nullable'
      errors.push(forbiddenField(`${place}.nullable`, why))
    }
  }
  return errors
}
