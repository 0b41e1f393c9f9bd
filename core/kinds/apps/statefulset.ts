import type { StatefulSet, StatefulSetSpec } from '../../api/generated/apps-v1.ts'
import type { FieldError } from '../../api/status.ts'
import { defineKind } from '../../registry/kind.ts'
import { ageColumn, nameColumn, templateColumns } from '../columns.ts'
import { defaultPodTemplate } from '../core/pod/defaults.ts'
import { validateNonNegative } from '../core/pod/handler-validation.ts'
import { deepEqual } from '../validation/deep-equal.ts'
import {
  forbiddenField,
  invalidFor,
  invalidValue,
  notSupported,
  required,
} from '../validation/field-errors.ts'
import { checkDns1123Label } from '../validation/formats.ts'
import { validateAtMost100Percent, validateIntOrPercent } from '../validation/int-or-percent.ts'
import { selectorQuery } from '../validation/label-selector.ts'
import { validateReplicaCounts, validateReplicaWorkload } from './replica-workload.ts'

const mutable = [
  'replicas',
  'ordinals',
  'template',
  'updateStrategy',
  'revisionHistoryLimit',
  'persistentVolumeClaimRetentionPolicy',
  'minReadySeconds',
] as const satisfies (keyof StatefulSetSpec)[]

export const statefulSet = defineKind<StatefulSet>({
  group: 'apps',
  version: 'v1',
  kind: 'StatefulSet',
  namespaced: true,
  names: { plural: 'statefulsets', singular: 'statefulset', short: ['sts'], categories: ['all'] },
  schema: 'io.k8s.api.apps.v1.StatefulSet',
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
  validate: ({ spec }) => [
    ...validateManagement(spec, 'spec'),
    ...validateStrategy(spec, 'spec.updateStrategy'),
    ...validateRetention(spec, 'spec.persistentVolumeClaimRetentionPolicy'),
    ...validateNonNegative(spec.ordinals?.start, 'spec.ordinals.start'),
    ...validateReplicaWorkload(withClaimVolumes(spec), 'spec', 'StatefulSet'),
  ],
  validateUpdate(object, old) {
    const kept = { ...object.spec } as Record<string, unknown>
    for (const name of mutable) kept[name] = old.spec[name]
    if (deepEqual(kept, old.spec)) return []
    const names = mutable.map((name) => `'${name}'`)
    const list = `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`
    return [forbiddenField('spec', `updates to statefulset spec for fields other than ${list} are forbidden`)]
  },
  status: {
    validateUpdate: ({ status }) =>
      validateReplicaCounts({ ...status }, [
        'readyReplicas',
        'currentReplicas',
        'updatedReplicas',
        'availableReplicas',
      ]),
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
    spec.updateStrategy.rollingUpdate = {
      partition: 0,
      maxUnavailable: 1,
      ...spec.updateStrategy.rollingUpdate,
    }
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

/** The spec with the volumes that every pod gets from the claim templates, so that mounts of them are known. */
function withClaimVolumes(spec: StatefulSetSpec): StatefulSetSpec {
  const claims = spec.volumeClaimTemplates ?? []
  const pod = spec.template?.spec
  if (claims.length === 0 || !pod) return spec
  const names = new Set(claims.map(({ metadata }) => metadata?.name))
  const volumes = [
    ...(pod.volumes ?? []).filter(({ name }) => !names.has(name)),
    ...claims.map(({ metadata }) => ({
      name: metadata?.name ?? '',
      persistentVolumeClaim: { claimName: metadata?.name ?? '' },
    })),
  ]
  return { ...spec, template: { ...spec.template, spec: { ...pod, volumes } } }
}

function validateManagement(spec: StatefulSetSpec, path: string): FieldError[] {
  const { podManagementPolicy: policy, serviceName, revisionHistoryLimit } = spec
  const errors = validateNonNegative(revisionHistoryLimit, `${path}.revisionHistoryLimit`)
  if (!policy) errors.push(required(`${path}.podManagementPolicy`))
  else if (policy !== 'OrderedReady' && policy !== 'Parallel') {
    errors.push(invalidValue(`${path}.podManagementPolicy`, policy, "must be 'OrderedReady' or 'Parallel'"))
  }
  if (serviceName) {
    errors.push(...invalidFor(`${path}.serviceName`, serviceName, checkDns1123Label(serviceName)))
  }
  return errors
}

function validateStrategy({ updateStrategy }: StatefulSetSpec, path: string): FieldError[] {
  const { type, rollingUpdate } = updateStrategy ?? {}
  if (!type) return [required(path)]
  if (type === 'OnDelete') {
    const why = "only allowed for updateStrategy 'RollingUpdate'"
    return rollingUpdate ? [invalidValue(`${path}.rollingUpdate`, rollingUpdate, why)] : []
  }
  if (type !== 'RollingUpdate') {
    return [invalidValue(path, updateStrategy, "must be 'RollingUpdate' or 'OnDelete'")]
  }
  const { partition, maxUnavailable } = rollingUpdate ?? {}
  const errors = validateNonNegative(partition, `${path}.rollingUpdate.partition`)
  const where = `${path}.rollingUpdate.maxUnavailable`
  if (maxUnavailable === undefined) return errors
  errors.push(...validateIntOrPercent(maxUnavailable, where))
  if (maxUnavailable === 0 || /^0+%$/.test(String(maxUnavailable))) {
    errors.push(invalidValue(where, maxUnavailable, 'cannot be 0'))
  }
  return [...errors, ...validateAtMost100Percent(maxUnavailable, where)]
}

function validateRetention(spec: StatefulSetSpec, path: string): FieldError[] {
  const policy = spec.persistentVolumeClaimRetentionPolicy ?? {}
  return (['whenDeleted', 'whenScaled'] as const).flatMap((name) =>
    ['Retain', 'Delete'].includes(policy[name] ?? 'Retain')
      ? []
      : [notSupported(`${path}.${name}`, policy[name], ['Retain', 'Delete'])],
  )
}
