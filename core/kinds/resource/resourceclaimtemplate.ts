import { immutableInside } from '../validation/internal-form.ts'
import type { FieldError } from '../../api/status.ts'
import type { ResourceClaimTemplate, ResourceClaimTemplateSpec } from '../../api/generated/resource-v1.ts'
import { defineKind } from '../../registry/kind.ts'
import { ageColumn, nameColumn } from '../columns.ts'
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
  validateCreate: ({ spec }) => validateSpec(spec),
  validateUpdate({ spec }, old) {
    const changed = immutableInside('spec', 'resource.ResourceClaimTemplateSpec', spec, old.spec)
    return changed.length > 0 ? [...validateSpec(spec), ...changed] : []
  },
})

function validateSpec({ metadata, spec }: ResourceClaimTemplateSpec): FieldError[] {
  return [
    ...validateLabels(metadata?.labels, 'spec.metadata.labels'),
    ...validateDeviceClaim(spec?.devices, 'spec.spec.devices'),
  ]
}
