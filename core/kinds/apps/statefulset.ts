import type { StatefulSet, StatefulSetSpec } from '../../api/generated/apps-v1.ts'
import { gatedPodFields } from '../core/pod/gated-fields.ts'
import { podTolerances } from '../validation/tolerated.ts'
import { defineKind } from '../../registry/kind.ts'
import { ageColumn, nameColumn, templateColumns } from '../columns.ts'
import { defaultPodTemplate } from '../core/pod/defaults.ts'
import { deepEqual } from '../validation/deep-equal.ts'
import { forbiddenField } from '../../api/field-errors.ts'
import { checkDns1123Label } from '../validation/formats.ts'
import { selectorQuery } from '../validation/label-selector.ts'
import { validateCollisions, validateReplicaCounts } from './replica-workload.ts'
import { validateStatefulSetSpec } from './statefulset-validation.ts'
import { statefulSetWarnings } from './workload-warnings.ts'

const mutable = [
  'replicas',
  'ordinals',
  'template',
  'updateStrategy',
  'revisionHistoryLimit',
  'persistentVolumeClaimRetentionPolicy',
  'minReadySeconds',
] as const satisfies (keyof StatefulSetSpec)[]

const bounded = ['readyReplicas', 'currentReplicas', 'updatedReplicas', 'availableReplicas']

export const statefulSet = defineKind<StatefulSet>({
  group: 'apps',
  version: 'v1',
  kind: 'StatefulSet',
  namespaced: true,
  names: { plural: 'statefulsets', singular: 'statefulset', short: ['sts'], categories: ['all'] },
  schema: 'io.k8s.api.apps.v1.StatefulSet',
  toleratedWhenStored: podTolerances,
  gatedFields: gatedPodFields('spec.template.spec'),
  columns: [
    nameColumn(),
    {
      name: 'Ready',
      type: 'string',
      value: ({ spec, status }) => `${status?.readyReplicas ?? 0}/${spec.replicas ?? 0}`,
    },
    ageColumn(),
    ...templateColumns<StatefulSet>().filter(({ name }) => name !== 'Selector'),
  ],
  default: defaultStatefulSet,
  // Pods are named after the set, and their host names are labels.
  validateName: checkDns1123Label,
  prepareForCreate(object) {
    object.status = { replicas: 0, availableReplicas: 0 }
  },
  validateCreate: ({ spec }) => validateStatefulSetSpec(spec, 'spec', { isNew: true }),
  warnings: statefulSetWarnings,
  validateUpdate(object, old) {
    const errors = validateStatefulSetSpec(object.spec, 'spec', { old: old.spec })
    const kept = { ...object.spec } as Record<string, unknown>
    for (const name of mutable) kept[name] = old.spec[name]
    if (deepEqual(kept, old.spec)) return errors
    const names = mutable.map((name) => `'${name}'`)
    const list = `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`
    const why = `updates to statefulset spec for fields other than ${list} are forbidden`
    return [...errors, forbiddenField('spec', why)]
  },
  status: {
    validateUpdate: ({ status }, { status: old }) => [
      ...validateReplicaCounts({ ...status }, bounded, {
        counted: ['replicas', ...bounded, 'observedGeneration', 'collisionCount'],
        readyName: 'status.readyReplicas',
      }),
      ...validateCollisions(status, old),
    ],
  },
  scale: {
    specReplicasPath: 'spec.replicas',
    statusReplicasPath: 'status.replicas',
    selector: (object) => selectorQuery(object.spec.selector),
  },
})

/** Upstream: pkg/apis/apps/v1/defaults.go SetDefaults_StatefulSet. */
function defaultStatefulSet(object: StatefulSet): void {
  object.spec ??= {} as StatefulSetSpec
  const { spec } = object
  spec.podManagementPolicy ||= 'OrderedReady'
  spec.updateStrategy ??= {}
  spec.updateStrategy.type ||= 'RollingUpdate'
  if (spec.updateStrategy.type === 'RollingUpdate') {
    // maxUnavailable is honoured, though its gate is off by default in 1.36; its default of 1 is only written where that is on.
    spec.updateStrategy.rollingUpdate = { partition: 0, ...spec.updateStrategy.rollingUpdate }
  }
  spec.persistentVolumeClaimRetentionPolicy ??= {}
  spec.persistentVolumeClaimRetentionPolicy.whenDeleted ||= 'Retain'
  spec.persistentVolumeClaimRetentionPolicy.whenScaled ||= 'Retain'
  spec.replicas ??= 1
  spec.revisionHistoryLimit ??= 10
  spec.template ??= {}
  defaultPodTemplate(spec.template)
  for (const claim of spec.volumeClaimTemplates ?? []) {
    claim.apiVersion = 'v1'
    claim.kind = 'PersistentVolumeClaim'
    claim.spec ??= {}
    claim.spec.volumeMode ||= 'Filesystem'
    claim.status ??= {}
    claim.status.phase ||= 'Pending'
  }
}
