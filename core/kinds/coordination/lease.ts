import type { Lease } from '../../api/generated/coordination-v1.ts'
import type { FieldError } from '../../api/status.ts'
import { defineKind } from '../../registry/kind.ts'
import { ageColumn, nameColumn } from '../columns.ts'
import { invalidValue } from '../../api/field-errors.ts'

export const lease = defineKind<Lease>({
  group: 'coordination.k8s.io',
  version: 'v1',
  kind: 'Lease',
  namespaced: true,
  names: { plural: 'leases', singular: 'lease' },
  schema: 'io.k8s.api.coordination.v1.Lease',
  createsOnUpdate: true,
  requiresResourceVersion: true,
  columns: [
    nameColumn(),
    { name: 'Holder', type: 'string', value: (object) => object.spec.holderIdentity ?? '' },
    ageColumn(),
  ],
  default(object) {
    object.spec ??= {}
  },
  // Coordinated leader election is off unless asked for, and so are its fields (upstream: leaseStrategy).
  prepareForCreate({ spec }) {
    delete spec.strategy
    delete spec.preferredHolder
  },
  prepareForUpdate({ spec }, old) {
    if (old.spec.strategy !== undefined) return
    delete spec.strategy
    delete spec.preferredHolder
  },
  validate({ spec }) {
    const errors: FieldError[] = []
    const { leaseDurationSeconds: duration, leaseTransitions: transitions } = spec
    if (duration !== undefined && duration <= 0) {
      errors.push(invalidValue('spec.leaseDurationSeconds', duration, 'must be greater than 0'))
    }
    if (transitions !== undefined && transitions < 0) {
      errors.push(invalidValue('spec.leaseTransitions', transitions, 'must be greater than or equal to 0'))
    }
    return errors
  },
})
