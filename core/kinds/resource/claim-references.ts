import type { DeviceRequest } from '../../api/generated/resource-v1.ts'
import { invalidFor, invalidValue } from '../../api/field-errors.ts'
import type { FieldError } from '../../api/status.ts'
import { checkDns1123Label } from '../validation/formats.ts'
import { validateSet } from './item-validation.ts'

const maxRequests = 32
const noRequest =
  "must be the name of a request in the claim or the name of a request and a subrequest separated by '/'"

/** What the requests of a claim are called, and their alternatives. */
export function requestNames(requests: DeviceRequest[]): Set<string> {
  return new Set(
    requests.flatMap(({ name, firstAvailable = [] }) => [
      name,
      ...firstAvailable.map((alternative) => `${name}/${alternative.name}`),
    ]),
  )
}

export function validateReferences(references: string[], names: Set<string>, path: string): FieldError[] {
  return validateSet(references, path, {
    max: maxRequests,
    key: (name) => name,
    validate: (name, where) => validateReference(name, names, where),
  })
}

/** The name of a request of the claim (upstream: validateRequestNameRef). */
export function validateReference(name: string, names: Set<string>, path: string): FieldError[] {
  const parts = name.split('/')
  const errors =
    parts.length > 2 ? [] : parts.flatMap((part) => invalidFor(path, part, checkDns1123Label(part)))
  return names.has(name) ? errors : [...errors, invalidValue(path, name, noRequest)]
}
