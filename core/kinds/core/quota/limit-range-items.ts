import type { LimitRangeItem } from '../../../api/generated/core-v1.ts'
import { compareQuantity, parseNano } from '../../../api/quantity.ts'
import type { FieldError } from '../../../api/status.ts'
import { duplicate, forbiddenField, invalidFor, invalidValue, required } from '../../../api/field-errors.ts'
import { checkQualifiedName } from '../../validation/formats.ts'
import { roundQuantities } from '../resource-lists.ts'
import {
  isOvercommitAllowed,
  validateContainerResourceName,
  validateResourceName,
} from '../resource-names.ts'

const standardTypes = ['Container', 'Pod', 'PersistentVolumeClaim']
/** In the order upstream looks at them. */
const listNames = ['max', 'min', 'default', 'defaultRequest', 'maxLimitRequestRatio'] as const

/** What follows for containers from the bounds that are given (upstream: SetDefaults_LimitRangeItem). */
export function defaultLimitRangeItem(item: LimitRangeItem): void {
  roundQuantities(...listNames.map((name) => item[name]))
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
    if (types.has(item.type)) errors.push(duplicate(`${where}.type`, item.type))
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
  const isOfPod = item.type === 'Pod'
  const validateName =
    isOfPod || item.type === 'Container' ? validateContainerResourceName : validateResourceName
  const errors: FieldError[] = []
  const resources = new Set<string>()
  for (const name of listNames) {
    const names = Object.keys(item[name] ?? {})
    if (isOfPod && (name === 'default' || name === 'defaultRequest')) {
      const why = "may not be specified when `type` is 'Pod'"
      if (names.length > 0) errors.push(forbiddenField(`${path}.${name}`, why))
      continue
    }
    if (name === 'maxLimitRequestRatio') errors.push(...validateClaimBounds(item, path))
    for (const resource of names) {
      errors.push(...validateName(resource, `${path}.${name}[${resource}]`))
      resources.add(resource)
    }
  }
  const judged = isOfPod ? { ...item, default: {}, defaultRequest: {} } : item
  return [...errors, ...[...resources].sort().flatMap((resource) => validateBounds(judged, resource, path))]
}

function validateClaimBounds({ type, min, max }: LimitRangeItem, path: string): FieldError[] {
  if (type !== 'PersistentVolumeClaim' || min?.storage !== undefined || max?.storage !== undefined) return []
  const why = 'either minimum or maximum storage value is required, but neither was provided'
  return [required(`${path}.limits`, why)]
}

/** Every value that must not be above another, with upstream's names for both, and which of them it shows. */
const order = [
  { field: 'min', low: ['min', 'min value'], high: ['max', 'max value'], shown: 'min' },
  {
    field: 'defaultRequest',
    low: ['min', 'min value'],
    high: ['defaultRequest', 'default request value'],
    shown: 'defaultRequest',
  },
  {
    field: 'defaultRequest',
    low: ['defaultRequest', 'default request value'],
    high: ['max', 'max value'],
    shown: 'defaultRequest',
  },
  {
    field: 'defaultRequest',
    low: ['defaultRequest', 'default request value'],
    high: ['default', 'default limit value'],
    shown: 'defaultRequest',
  },
  { field: 'default', low: ['min', 'min value'], high: ['default', 'default value'], shown: 'min' },
  { field: 'default', low: ['default', 'default value'], high: ['max', 'max value'], shown: 'max' },
] as const

function validateBounds(item: LimitRangeItem, resource: string, path: string): FieldError[] {
  const errors: FieldError[] = []
  for (const { field, low, high, shown } of order) {
    const [small, large] = [item[low[0]]?.[resource], item[high[0]]?.[resource]]
    if (small === undefined || large === undefined || compareQuantity(small, large) <= 0) continue
    const why = `${low[1]} ${small} is greater than ${high[1]} ${large}`
    errors.push(invalidValue(`${path}.${field}[${resource}]`, item[shown]?.[resource], why))
  }
  errors.push(...validateRatio(item, resource, `${path}.maxLimitRequestRatio[${resource}]`))
  const [limit, request] = [item.default?.[resource], item.defaultRequest?.[resource]]
  if (isOvercommitAllowed(resource) || limit === undefined || request === undefined) return errors
  if (compareQuantity(limit, request) === 0) return errors
  const why = `default value ${limit} must equal to defaultRequest value ${request} in ${resource}`
  return [...errors, invalidValue(`${path}.defaultRequest[${resource}]`, request, why)]
}

function validateRatio(item: LimitRangeItem, resource: string, path: string): FieldError[] {
  const ratio = item.maxLimitRequestRatio?.[resource]
  if (ratio === undefined) return []
  const errors =
    compareQuantity(ratio, '1') < 0 ? [invalidValue(path, ratio, `ratio ${ratio} is less than 1`)] : []
  const [min, max] = [item.min?.[resource], item.max?.[resource]]
  if (min === undefined || max === undefined) return errors
  const amount = (quantity: string): number => Number(parseNano(quantity) ?? 0n)
  const most = amount(max) / amount(min)
  if (!(amount(ratio) / 1e9 > most)) return errors
  return [...errors, invalidValue(path, ratio, `ratio ${ratio} is greater than max/min = ${most.toFixed(6)}`)]
}
