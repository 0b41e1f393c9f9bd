import { immutableInside } from '../validation/internal-form.ts'
import type {
  ResourceClaim,
  ResourceClaimConsumerReference,
  ResourceClaimStatus,
} from '../../api/generated/resource-v1.ts'
import { forbiddenField, required } from '../../api/field-errors.ts'
import type { FieldError } from '../../api/status.ts'
import { validateAllocation } from './allocation-validation.ts'
import { requestNames } from './claim-references.ts'
import { validateDeviceStatuses } from './device-status-validation.ts'
import { validateSet } from './item-validation.ts'

const maxConsumers = 256

/** What became of a claim (upstream: validateResourceClaimStatusUpdate). */
export function validateClaimStatus(
  { metadata, spec, status }: ResourceClaim,
  old: ResourceClaim,
): FieldError[] {
  const { allocation } = status ?? {}
  const errors = [
    ...validateConsumers(status ?? {}, old.status ?? {}, metadata.deletionTimestamp !== undefined),
    ...validateDeviceStatuses(status ?? {}, 'status.devices'),
  ]
  if (!allocation) return errors
  const path = 'status.allocation'
  const before = old.status?.allocation
  if (!before)
    return [...errors, ...validateAllocation(allocation, requestNames(spec.devices?.requests ?? []), path)]
  return [...errors, ...immutableInside(path, 'resource.AllocationResult', allocation, before)]
}

function validateConsumers(
  { reservedFor = [], allocation }: ResourceClaimStatus,
  old: ResourceClaimStatus,
  isBeingDeleted: boolean,
): FieldError[] {
  const path = 'status.reservedFor'
  const errors = validateSet(reservedFor, path, {
    max: maxConsumers,
    key: ({ uid }) => uid,
    validate: validateConsumer,
  })
  if (reservedFor.length > 0 && !allocation) {
    errors.push(forbiddenField(path, 'may not be specified when `allocated` is not set'))
  } else if (isBeingDeleted) {
    const known = new Set((old.reservedFor ?? []).map(({ uid }) => uid))
    const why = 'new entries may not be added while `deallocationRequested` or `deletionTimestamp` are set'
    if (reservedFor.some(({ uid }) => !known.has(uid))) errors.push(forbiddenField(path, why))
  }
  return errors
}

function validateConsumer(
  { resource, name, uid }: ResourceClaimConsumerReference,
  path: string,
): FieldError[] {
  return Object.entries({ resource, name, uid }).flatMap(([field, value]) =>
    value ? [] : [required(`${path}.${field}`)],
  )
}
