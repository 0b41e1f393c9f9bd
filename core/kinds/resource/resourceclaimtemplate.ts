import type { ResourceClaimTemplate } from '../../api/generated/resource-v1.ts'
import { defineKind } from '../../registry/kind.ts'
import { ageColumn, nameColumn } from '../columns.ts'
import { deepEqual } from '../validation/deep-equal.ts'
import { immutable } from '../../api/field-errors.ts'
import { validateLabels } from '../validation/label-selector.ts'
import { defaultDeviceClaim, validateDeviceClaim } from './device-claim.ts'

export const resourceClaimTemplate = defineKind<ResourceClaimTemplate>({
  group: 'resource.k8s.io',
  version: 'v1',
  kind: 'ResourceClaimTemplate',
  namespaced: true,
  names: { plural: 'resourceclaimtemplates', singular: 'resourceclaimtemplate' },
  schema: 'io.k8s.api.resource.v1.ResourceClaimTemplate',
  returnsDeletedObject: true,
  columns: [nameColumn(), ageColumn()],
  default: ({ spec }) => defaultDeviceClaim(spec.spec?.devices),
  validateCreate: ({ spec }) => [
    ...validateLabels(spec.metadata?.labels, 'spec.metadata.labels'),
    ...validateDeviceClaim(spec.spec?.devices, 'spec.spec.devices'),
  ],
  validateUpdate: ({ spec }, old) => (deepEqual(spec, old.spec) ? [] : [immutable('spec', spec)]),
})
