import type { ReplicaSet, ReplicaSetSpec } from '../../api/generated/apps-v1.ts'
import { gatedPodFields } from '../core/pod/gated-fields.ts'
import { podTolerances } from '../validation/tolerated.ts'
import { defineKind } from '../../registry/kind.ts'
import { ageColumn, nameColumn, templateColumns } from '../columns.ts'
import { defaultPodTemplate } from '../core/pod/defaults.ts'
import { validateNonNegative } from '../core/pod/handler-validation.ts'
import { deepEqual } from '../validation/deep-equal.ts'
import { immutable } from '../../api/field-errors.ts'
import { selectorQuery } from '../validation/label-selector.ts'
import { validateReplicaCounts, validateSelectedTemplate } from './replica-workload.ts'
import { workloadWarnings } from './workload-warnings.ts'

const bounded = ['fullyLabeledReplicas', 'readyReplicas', 'availableReplicas']

export const replicaSet = defineKind<ReplicaSet>({
  group: 'apps',
  version: 'v1',
  kind: 'ReplicaSet',
  namespaced: true,
  names: { plural: 'replicasets', singular: 'replicaset', short: ['rs'], categories: ['all'] },
  schema: 'io.k8s.api.apps.v1.ReplicaSet',
  toleratedWhenStored: podTolerances,
  gatedFields: gatedPodFields('spec.template.spec'),
  columns: [
    nameColumn(),
    { name: 'Desired', type: 'integer', value: ({ spec }) => spec.replicas ?? 0 },
    { name: 'Current', type: 'integer', value: ({ status }) => status?.replicas ?? 0 },
    { name: 'Ready', type: 'integer', value: ({ status }) => status?.readyReplicas ?? 0 },
    ageColumn(),
    ...templateColumns<ReplicaSet>(),
  ],
  default(object) {
    object.spec ??= {} as ReplicaSetSpec
    object.spec.replicas ??= 1
    object.spec.template ??= {}
    defaultPodTemplate(object.spec.template)
  },
  prepareForCreate(object) {
    object.status = { replicas: 0 }
  },
  validate: ({ spec }) => [
    ...validateNonNegative(spec.replicas, 'spec.replicas'),
    ...validateNonNegative(spec.minReadySeconds, 'spec.minReadySeconds'),
    ...validateSelectedTemplate(spec, 'spec'),
  ],
  warnings: workloadWarnings,
  validateUpdate: (object, old) =>
    deepEqual(object.spec.selector, old.spec.selector)
      ? []
      : [immutable('spec.selector', object.spec.selector)],
  status: {
    validateUpdate: ({ status }) =>
      validateReplicaCounts({ ...status }, bounded, {
        counted: ['replicas', ...bounded, 'terminatingReplicas', 'observedGeneration'],
      }),
  },
  scale: {
    specReplicasPath: 'spec.replicas',
    statusReplicasPath: 'status.replicas',
    selector: (object) => selectorQuery(object.spec.selector),
  },
})
