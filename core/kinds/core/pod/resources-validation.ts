import type { ResourceClaim, ResourceRequirements } from '../../../api/generated/core-v1.ts'
import { compareQuantity, isQuantity, parseNano } from '../../../api/quantity.ts'
import type { FieldError } from '../../../api/status.ts'
import {
  duplicate,
  forbiddenField,
  invalidFor,
  invalidValue,
  notFoundValue,
  required,
} from '../../../api/field-errors.ts'
import { checkDns1123Label } from '../../validation/formats.ts'
import {
  isHugePages,
  isIntegerResource,
  isOvercommitAllowed,
  validateContainerResourceName,
} from '../resource-names.ts'

const oneBillion = 1_000_000_000n
const malformed =
  "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"

/** One quantity that must not be negative. */
export function validateQuantity(quantity: string, path: string): FieldError[] {
  if (!isQuantity(quantity)) return [invalidValue(path, quantity, malformed)]
  if (compareQuantity(quantity, '0') < 0) {
    return [invalidValue(path, quantity, 'must be greater than or equal to 0')]
  }
  return []
}

/** An amount of a resource, whole where only whole ones make sense (upstream: ValidateResourceQuantityValue). */
export function validateAmount(resource: string, quantity: string, path: string): FieldError[] {
  const errors = validateQuantity(quantity, path)
  if (isIntegerResource(resource) && (parseNano(quantity) ?? 0n) % oneBillion !== 0n) {
    errors.push(invalidValue(path, quantity, 'must be an integer'))
  }
  return errors
}

/** What a container asks for, may use and claims (upstream: ValidateContainerResourceRequirements). */
export function validateContainerResources(
  resources: ResourceRequirements | undefined,
  claimNames: ReadonlySet<string>,
  path: string,
): FieldError[] {
  return [
    ...validateRequirements(resources, validateContainerResourceName, path),
    ...validateClaims(resources?.claims, claimNames, `${path}.claims`),
  ]
}

/** What a pod costs beside its containers (upstream: validateOverhead). */
export function validateOverhead(overhead: Record<string, string> | undefined, path: string): FieldError[] {
  return overhead ? validateRequirements({ limits: overhead }, validateContainerResourceName, path) : []
}

/** Requests and limits whose names `validateName` judges (upstream: validateResourceRequirements). */
export function validateRequirements(
  resources: ResourceRequirements | undefined,
  validateName: (name: string, path: string) => FieldError[],
  path: string,
): FieldError[] {
  const { limits = {}, requests = {} } = resources ?? {}
  const errors: FieldError[] = []
  for (const [name, quantity] of Object.entries(limits)) {
    errors.push(...validateEntry(name, quantity, { validateName, path: `${path}.limits[${name}]` }))
    errors.push(...validatePages(name, quantity, `${path}.limits[${name}]`))
  }
  for (const [name, quantity] of Object.entries(requests)) {
    errors.push(...validateEntry(name, quantity, { validateName, path: `${path}.requests[${name}]` }))
    errors.push(...validateWithinLimit(name, quantity, { limit: limits[name], path }))
    errors.push(...validatePages(name, quantity, `${path}.requests[${name}]`))
  }
  const names = [...Object.keys(limits), ...Object.keys(requests)]
  if (names.some(isHugePages) && !names.includes('cpu') && !names.includes('memory')) {
    errors.push(forbiddenField(path, 'HugePages require cpu or memory'))
  }
  return errors
}

function validateEntry(
  name: string,
  quantity: string,
  { validateName, path }: { validateName: (name: string, path: string) => FieldError[]; path: string },
): FieldError[] {
  return [...validateName(name, path), ...validateAmount(name, quantity, path)]
}

function validateWithinLimit(
  name: string,
  quantity: string,
  { limit, path }: { limit: string | undefined; path: string },
): FieldError[] {
  const overcommits = isOvercommitAllowed(name)
  if (limit === undefined) {
    if (overcommits) return []
    return [required(`${path}.limits`, 'Limit must be set for non overcommitable resources')]
  }
  const order = compareQuantity(quantity, limit)
  if (order !== 0 && !overcommits) {
    return [invalidValue(`${path}.requests`, quantity, `must be equal to ${name} limit of ${limit}`)]
  }
  if (order <= 0) return []
  const why = `must be less than or equal to ${name} limit of ${limit}`
  return [invalidValue(`${path}.requests`, quantity, why)]
}

function validatePages(name: string, quantity: string, path: string): FieldError[] {
  if (!isHugePages(name)) return []
  const page = parseNano(name.slice('hugepages-'.length)) ?? 0n
  const fits = page > 0n && page % oneBillion === 0n && (parseNano(quantity) ?? 0n) % page === 0n
  if (fits) return []
  return [invalidValue(path, quantity, `${quantity} is not positive integer multiple of ${name}`)]
}

/** The pod's resource claims that a container uses, each once (upstream: validateResourceClaimNames). */
function validateClaims(
  claims: ResourceClaim[] | undefined,
  known: ReadonlySet<string>,
  path: string,
): FieldError[] {
  const whole = new Set<string>()
  const parts = new Map<string, Set<string>>()
  return (claims ?? []).flatMap(({ name, request }, at) => {
    const where = `${path}[${at}]`
    if (!name) return [required(where)]
    const errors: FieldError[] = []
    const taken = parts.get(name) ?? new Set<string>()
    parts.set(name, taken)
    if (whole.has(name)) errors.push(duplicate(where, name))
    else if (request) {
      errors.push(...invalidFor(`${where}.request`, request, checkDns1123Label(request)))
      if (taken.has(request)) errors.push(duplicate(where, `${name}/${request}`))
      taken.add(request)
    } else {
      for (const _part of taken) errors.push(duplicate(where, name))
      whole.add(name)
    }
    if (known.has(name)) return errors
    const list = [...known].sort().join(', ')
    const why = `must be one of the names in pod.spec.resourceClaims${list ? `: ${list}` : ' which is empty'}`
    return [...errors, notFoundValue(where, name, why)]
  })
}
