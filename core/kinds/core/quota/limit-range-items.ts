import type { LimitRangeItem } from '../../../api/generated/core-v1.ts'
import { compareQuantity, parseNano } from '../../../api/quantity.ts'
import type { FieldError } from '../../../api/status.ts'
import {
  duplicate,
  forbiddenField,
  invalidFor,
  invalidValue,
  required,
} from '../../validation/field-errors.ts'
import { checkQualifiedName } from '../../validation/formats.ts'
import { validateQuantity } from '../pod/resources-validation.ts'

const standardTypes = ['Container', 'Pod', 'PersistentVolumeClaim']
const listNames = ['max', 'min', 'default', 'defaultRequest', 'maxLimitRequestRatio'] as const

/** What follows for containers from the bounds that are given (upstream: SetDefaults_LimitRangeItem). */
export function defaultLimitRangeItem(item: LimitRangeItem): void {
  if (item.type !== 'Container') return
  // What is not limited is limited to the maximum; what is not requested is what is limited, or else the minimum.
  item.default = { ...item.max, ...item.default }
  item.defaultRequest = { ...item.min, ...item.default, ...item.defaultRequest }
  for (const name of ['default', 'defaultRequest'] as const) {
    if (Object.keys(item[name] ?? {}).length === 0) delete item[name]
  }
}

/** The bounds of a LimitRange (upstream: pkg/apis/core/validation ValidateLimitRange). */
export function validateLimitRangeItems(items: LimitRangeItem[], path: string): FieldError[] {
  const types = new Set<string>()
  return items.flatMap((item, at) => {
    const where = `${path}[${at}]`
    const errors = validateType(item.type ?? '', `${where}.type`)
    if (types.has(item.type)) errors.push(duplicate(`${where}.type`, ''))
    types.add(item.type)
    return [...errors, ...validateItem(item, where)]
  })
}

function validateType(type: string, path: string): FieldError[] {
  const errors = invalidFor(path, type, checkQualifiedName(type))
  if (errors.length > 0 || type.includes('/') || standardTypes.includes(type)) return errors
  return [invalidValue(path, type, 'must be a standard limit type or fully qualified')]
}

function validateItem(item: LimitRangeItem, path: string): FieldError[] {
  const errors: FieldError[] = []
  const resources = new Set<string>()
  for (const name of listNames) {
    for (const [resource, quantity] of Object.entries(item[name] ?? {})) {
      const where = `${path}.${name}[${resource}]`
      errors.push(...invalidFor(where, resource, checkQualifiedName(resource)))
      errors.push(...validateQuantity(quantity, where))
      resources.add(resource)
    }
  }
  if (item.type === 'Pod') {
    const why = "may not be specified when `type` is 'Pod'"
    if (Object.keys(item.default ?? {}).length > 0) errors.push(forbiddenField(`${path}.default`, why))
    if (Object.keys(item.defaultRequest ?? {}).length > 0) {
      errors.push(forbiddenField(`${path}.defaultRequest`, why))
    }
  }
  const claimHasBounds = item.min?.storage !== undefined || item.max?.storage !== undefined
  if (item.type === 'PersistentVolumeClaim' && !claimHasBounds) {
    const why = 'either minimum or maximum storage value is required, but neither was provided'
    errors.push(required(path, why))
  }
  if (errors.length > 0) return errors
  return [...resources].sort().flatMap((resource) => validateBounds(item, resource, path))
}

/** Every value that must not be above another, with upstream's names for both. */
const order = [
  { field: 'min', low: ['min', 'min value'], high: ['max', 'max value'] },
  { field: 'defaultRequest', low: ['min', 'min value'], high: ['defaultRequest', 'default request value'] },
  { field: 'defaultRequest', low: ['defaultRequest', 'default request value'], high: ['max', 'max value'] },
  {
    field: 'defaultRequest',
    low: ['defaultRequest', 'default request value'],
    high: ['default', 'default limit value'],
  },
  { field: 'default', low: ['min', 'min value'], high: ['default', 'default value'] },
  { field: 'default', low: ['default', 'default value'], high: ['max', 'max value'] },
] as const

function validateBounds(item: LimitRangeItem, resource: string, path: string): FieldError[] {
  const errors: FieldError[] = []
  for (const { field, low, high } of order) {
    const [small, large] = [item[low[0]]?.[resource], item[high[0]]?.[resource]]
    if (small === undefined || large === undefined || compareQuantity(small, large) <= 0) continue
    const why = `${low[1]} ${small} is greater than ${high[1]} ${large}`
    errors.push(invalidValue(`${path}.${field}[${resource}]`, item[field]?.[resource], why))
  }
  return [...errors, ...validateRatio(item, resource, `${path}.maxLimitRequestRatio[${resource}]`)]
}

function validateRatio(item: LimitRangeItem, resource: string, path: string): FieldError[] {
  const ratio = item.maxLimitRequestRatio?.[resource]
  if (ratio === undefined) return []
  if (compareQuantity(ratio, '1') < 0) return [invalidValue(path, ratio, `ratio ${ratio} is less than 1`)]
  const [min, max] = [item.min?.[resource], item.max?.[resource]].map((one) =>
    Number(parseNano(one ?? '') ?? 0n),
  )
  if (!min || !max) return []
  const most = max / min
  return Number(parseNano(ratio) ?? 0n) / 1e9 > most
    ? [invalidValue(path, ratio, `ratio ${ratio} is greater than max/min = ${most.toFixed(6)}`)]
    : []
}
