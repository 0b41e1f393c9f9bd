import { immutableInside } from '../validation/internal-form.ts'
import type { ResourceClaim } from '../../api/generated/resource-v1.ts'
import { defineKind } from '../../registry/kind.ts'
import { ageColumn, nameColumn } from '../columns.ts'
import { validateClaimStatus } from './claim-status.ts'
import { defaultDeviceClaim, validateDeviceClaim } from './device-claim.ts'

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
  validateUpdate: ({ spec }, old) => immutableInside('spec', 'resource.ResourceClaimSpec', spec, old.spec),
  status: { keepsMetadata: 'reset', validateUpdate: validateClaimStatus },
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
