import type { ResourceClaim, ResourceClaimConsumerReference } from '../../api/generated/resource-v1.ts'
import type { FieldError } from '../../api/status.ts'
import { defineKind } from '../../registry/kind.ts'
import { ageColumn, nameColumn } from '../columns.ts'
import { deepEqual } from '../validation/deep-equal.ts'
import { duplicate, forbiddenField, immutable, required, tooMany } from '../../api/field-errors.ts'
import { defaultDeviceClaim, validateDeviceClaim } from './device-claim.ts'

const maxConsumers = 256

export const resourceClaim = defineKind<ResourceClaim>({
  group: 'resource.k8s.io',
  version: 'v1',
  kind: 'ResourceClaim',
  namespaced: true,
  names: { plural: 'resourceclaims', singular: 'resourceclaim' },
  schema: 'io.k8s.api.resource.v1.ResourceClaim',
  returnsDeletedObject: true,
  tracksGeneration: false,
  columns: [nameColumn(), { name: 'State', type: 'string', value: stateText }, ageColumn()],
  default: ({ spec }) => defaultDeviceClaim(spec.devices),
  validateCreate: ({ spec }) => validateDeviceClaim(spec.devices, 'spec.devices'),
  validateUpdate: ({ spec }, old) => (deepEqual(spec, old.spec) ? [] : [immutable('spec', spec)]),
  status: { keepsMetadata: 'all', validateUpdate: validateStatus },
})

/** `pending`, `allocated,reserved`, `deleted,allocated`. */
function stateText({ metadata, status }: ResourceClaim): string {
  const states = metadata.deletionTimestamp ? ['deleted'] : []
  if (status?.allocation) {
    states.push('allocated')
    if (status.reservedFor?.length) states.push('reserved')
  } else if (!metadata.deletionTimestamp) states.push('pending')
  return states.join(',')
}

function validateStatus({ metadata, status }: ResourceClaim, old: ResourceClaim): FieldError[] {
  const { allocation, reservedFor = [] } = status ?? {}
  const path = 'status.reservedFor'
  const errors = reservedFor.flatMap((consumer, at) => validateConsumer(consumer, `${path}[${at}]`))
  if (reservedFor.length > maxConsumers) errors.push(tooMany(path, reservedFor.length, maxConsumers))
  for (const [at, { uid }] of reservedFor.entries()) {
    if (reservedFor.findIndex((one) => one.uid === uid) < at) errors.push(duplicate(`${path}[${at}]`, uid))
  }
  const before = old.status
  if (reservedFor.length > 0 && !allocation) {
    errors.push(forbiddenField(path, 'may not be specified when `allocated` is not set'))
  } else if (metadata.deletionTimestamp) {
    const known = new Set((before?.reservedFor ?? []).map(({ uid }) => uid))
    const why = 'new entries may not be added while `deallocationRequested` or `deletionTimestamp` are set'
    if (reservedFor.some(({ uid }) => !known.has(uid))) errors.push(forbiddenField(path, why))
  }
  if (before?.allocation && allocation && !deepEqual(allocation, before.allocation)) {
    errors.push(immutable('status.allocation', allocation))
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
