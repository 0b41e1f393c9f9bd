import type { ReplicaSet, ReplicaSetSpec } from '../../api/generated/apps-v1.ts'
import { defineKind } from '../../registry/kind.ts'
import { ageColumn, nameColumn, templateColumns } from '../columns.ts'
import { defaultPodTemplate } from '../core/pod/defaults.ts'
import { deepEqual } from '../validation/deep-equal.ts'
import { immutable } from '../validation/field-errors.ts'
import { selectorQuery } from '../validation/label-selector.ts'
import { validateReplicaCounts, validateReplicaWorkload } from './replica-workload.ts'

export const replicaSet = defineKind<ReplicaSet>({
  group: 'apps',
  version: 'v1',
  kind: 'ReplicaSet',
  namespaced: true,
  names: { plural: 'replicasets', singular: 'replicaset', short: ['rs'], categories: ['all'] },
  schema: 'io.k8s.api.apps.v1.ReplicaSet',
  columns: [
    nameColumn(),
    { name: 'Desired', type: 'string', value: ({ spec }) => spec.replicas ?? 0 },
    { name: 'Current', type: 'string', value: ({ status }) => status?.replicas ?? 0 },
    { name: 'Ready', type: 'string', value: ({ status }) => status?.readyReplicas ?? 0 },
    ageColumn(),
    ...templateColumns<ReplicaSet>(),
  ],
  default(object) {
    object.spec ??= {} as ReplicaSetSpec
    object.spec.replicas ??= 1
    if (object.spec.template) defaultPodTemplate(object.spec.template)
  },
  prepareForCreate(object) {
    object.status = { replicas: 0 }
  },
  validate: ({ spec }) => validateReplicaWorkload(spec, 'spec', 'ReplicaSet'),
  validateUpdate: (object, old) =>
    deepEqual(object.spec.selector, old.spec.selector)
      ? []
      : [immutable('spec.selector', object.spec.selector)],
  status: {
    validateUpdate: ({ status }) =>
      validateReplicaCounts({ ...status }, ['fullyLabeledReplicas', 'readyReplicas', 'availableReplicas']),
  },
  scale: {
    specReplicasPath: 'spec.replicas',
    statusReplicasPath: 'status.replicas',
    selector: (object) => selectorQuery(object.spec.selector),
  },
  selectableFields: { 'status.replicas': ({ status }) => String(status?.replicas ?? 0) },
})
