import type { Deployment, DeploymentSpec } from '../../api/generated/apps-v1.ts'
import type { FieldError } from '../../api/status.ts'
import { gatedPodFields } from '../core/pod/gated-fields.ts'
import { podTolerances } from '../validation/tolerated.ts'
import { defineKind } from '../../registry/kind.ts'
import { ageColumn, nameColumn, templateColumns } from '../columns.ts'
import { defaultPodTemplate } from '../core/pod/defaults.ts'
import { validateNonNegative } from '../core/pod/handler-validation.ts'
import { deepEqual } from '../validation/deep-equal.ts'
import { forbiddenField, immutable, invalidValue, notSupported, required } from '../../api/field-errors.ts'
import { amountOf, validateAtMost100Percent, validateIntOrPercent } from '../validation/int-or-percent.ts'
import { selectorQuery } from '../validation/label-selector.ts'
import { validateCollisions, validateReplicaCounts, validateSelectedTemplate } from './replica-workload.ts'
import { workloadWarnings } from './workload-warnings.ts'

const counted = [
  'observedGeneration',
  'replicas',
  'updatedReplicas',
  'readyReplicas',
  'availableReplicas',
  'unavailableReplicas',
  'terminatingReplicas',
  'collisionCount',
]

export const deployment = defineKind<Deployment>({
  group: 'apps',
  version: 'v1',
  kind: 'Deployment',
  namespaced: true,
  names: { plural: 'deployments', singular: 'deployment', short: ['deploy'], categories: ['all'] },
  schema: 'io.k8s.api.apps.v1.Deployment',
  toleratedWhenStored: podTolerances,
  gatedFields: gatedPodFields('spec.template.spec'),
  columns: [
    nameColumn(),
    {
      name: 'Ready',
      type: 'string',
      value: ({ spec, status }) => `${status?.readyReplicas ?? 0}/${spec.replicas ?? 0}`,
    },
    { name: 'Up-to-date', type: 'string', value: ({ status }) => status?.updatedReplicas ?? 0 },
    { name: 'Available', type: 'string', value: ({ status }) => status?.availableReplicas ?? 0 },
    ageColumn(),
    ...templateColumns<Deployment>(),
  ],
  default(object) {
    object.spec ??= {} as DeploymentSpec
    const { spec } = object
    spec.replicas ??= 1
    spec.revisionHistoryLimit ??= 10
    spec.progressDeadlineSeconds ??= 600
    spec.strategy ??= {}
    spec.strategy.type ||= 'RollingUpdate'
    if (spec.strategy.type === 'RollingUpdate') {
      spec.strategy.rollingUpdate = {
        maxUnavailable: '25%',
        maxSurge: '25%',
        ...spec.strategy.rollingUpdate,
      }
    }
    spec.template ??= {}
    defaultPodTemplate(spec.template)
  },
  prepareForCreate(object) {
    object.status = {}
  },
  validate: ({ spec }) => [
    ...validateNonNegative(spec.replicas, 'spec.replicas'),
    ...validateSelectedTemplate(spec, 'spec'),
    ...validateStrategy(spec, 'spec.strategy'),
    ...validateNonNegative(spec.minReadySeconds, 'spec.minReadySeconds'),
    ...validateNonNegative(spec.revisionHistoryLimit, 'spec.revisionHistoryLimit'),
    ...validateDeadline(spec),
  ],
  warnings: workloadWarnings,
  validateUpdate: (object, old) =>
    deepEqual(object.spec.selector, old.spec.selector)
      ? []
      : [immutable('spec.selector', object.spec.selector)],
  status: {
    keepsMetadata: ['labels'],
    validateUpdate: ({ status }, { status: old }) => [
      ...validateReplicaCounts({ ...status }, ['updatedReplicas', 'readyReplicas', 'availableReplicas'], {
        counted,
      }),
      ...validateCollisions(status, old),
    ],
  },
  scale: {
    specReplicasPath: 'spec.replicas',
    statusReplicasPath: 'status.replicas',
    selector: (object) => selectorQuery(object.spec.selector),
  },
  // A changed annotation counts too, as upstream: controllers may act on it.
  generationOf: ({ spec, metadata }) => ({ spec, annotations: metadata.annotations }),
})

function validateStrategy({ strategy }: DeploymentSpec, path: string): FieldError[] {
  const type = strategy?.type
  if (type === 'Recreate') {
    const why = "may not be specified when strategy `type` is 'Recreate'"
    return strategy?.rollingUpdate ? [forbiddenField(`${path}.rollingUpdate`, why)] : []
  }
  const rolling = strategy?.rollingUpdate
  if (type !== 'RollingUpdate') {
    // The value is shown as upstream's Go struct.
    const { maxUnavailable = 0, maxSurge = 0 } = rolling ?? {}
    const update = rolling ? { MaxUnavailable: maxUnavailable, MaxSurge: maxSurge } : null
    return [notSupported(path, { Type: type ?? '', RollingUpdate: update }, ['Recreate', 'RollingUpdate'])]
  }
  const where = `${path}.rollingUpdate`
  if (!rolling) return [required(where, 'this should be defaulted and never be nil')]
  const { maxUnavailable, maxSurge } = rolling
  const errors = [
    ...validateIntOrPercent(maxUnavailable, `${where}.maxUnavailable`),
    ...validateIntOrPercent(maxSurge, `${where}.maxSurge`),
  ]
  if (amountOf(maxUnavailable) === 0 && amountOf(maxSurge) === 0) {
    errors.push(invalidValue(`${where}.maxUnavailable`, maxUnavailable, 'may not be 0 when `maxSurge` is 0'))
  }
  return [...errors, ...validateAtMost100Percent(maxUnavailable, `${where}.maxUnavailable`)]
}

function validateDeadline({
  progressDeadlineSeconds: deadline,
  minReadySeconds,
}: DeploymentSpec): FieldError[] {
  if (deadline === undefined) return []
  const errors = validateNonNegative(deadline, 'spec.progressDeadlineSeconds')
  if (deadline <= (minReadySeconds ?? 0)) {
    errors.push(
      invalidValue('spec.progressDeadlineSeconds', deadline, 'must be greater than minReadySeconds'),
    )
  }
  return errors
}
