import type { DaemonSet, DaemonSetSpec } from '../../api/generated/apps-v1.ts'
import type { FieldError } from '../../api/status.ts'
import { gatedPodFields } from '../core/pod/gated-fields.ts'
import { podTolerances } from '../validation/tolerated.ts'
import { defineKind } from '../../registry/kind.ts'
import { ageColumn, nameColumn, templateColumns } from '../columns.ts'
import { defaultPodTemplate } from '../core/pod/defaults.ts'
import { validateNonNegative } from '../core/pod/handler-validation.ts'
import { deepEqual } from '../validation/deep-equal.ts'
import { immutable, invalidValue, notSupported, required } from '../../api/field-errors.ts'
import { amountOf, validateAtMost100Percent, validateIntOrPercent } from '../validation/int-or-percent.ts'
import { validateLabelSelector } from '../validation/label-selector.ts'
import { validateCollisions, validateEndlessTemplate, validateMatches } from './replica-workload.ts'
import { podWarningsOf } from './workload-warnings.ts'

/** Where apps/v1 keeps the templateGeneration of older versions. */
const templateGeneration = 'deprecated.daemonset.template.generation'

const counts = [
  'currentNumberScheduled',
  'numberMisscheduled',
  'desiredNumberScheduled',
  'numberReady',
  'observedGeneration',
  'updatedNumberScheduled',
  'numberAvailable',
  'numberUnavailable',
  'collisionCount',
] as const

export const daemonSet = defineKind<DaemonSet>({
  group: 'apps',
  version: 'v1',
  kind: 'DaemonSet',
  namespaced: true,
  names: { plural: 'daemonsets', singular: 'daemonset', short: ['ds'], categories: ['all'] },
  schema: 'io.k8s.api.apps.v1.DaemonSet',
  toleratedWhenStored: podTolerances,
  gatedFields: gatedPodFields('spec.template.spec'),
  columns: [
    nameColumn(),
    { name: 'Desired', type: 'integer', value: ({ status }) => status?.desiredNumberScheduled ?? 0 },
    { name: 'Current', type: 'integer', value: ({ status }) => status?.currentNumberScheduled ?? 0 },
    { name: 'Ready', type: 'integer', value: ({ status }) => status?.numberReady ?? 0 },
    { name: 'Up-to-date', type: 'integer', value: ({ status }) => status?.updatedNumberScheduled ?? 0 },
    { name: 'Available', type: 'integer', value: ({ status }) => status?.numberAvailable ?? 0 },
    { name: 'Node Selector', type: 'string', value: nodeSelectorText },
    ageColumn(),
    ...templateColumns<DaemonSet>(),
  ],
  default(object) {
    object.spec ??= {} as DaemonSetSpec
    const { spec } = object
    spec.updateStrategy ??= {}
    spec.updateStrategy.type ||= 'RollingUpdate'
    if (spec.updateStrategy.type === 'RollingUpdate') {
      spec.updateStrategy.rollingUpdate = {
        maxUnavailable: 1,
        maxSurge: 0,
        ...spec.updateStrategy.rollingUpdate,
      }
    }
    spec.revisionHistoryLimit ??= 10
    spec.template ??= {}
    defaultPodTemplate(spec.template)
    // It comes with the conversion, so that whoever writes a set owns it.
    if (!object.metadata.annotations?.[templateGeneration]) setTemplateGeneration(object, 0)
  },
  prepareForCreate(object) {
    object.status = {
      currentNumberScheduled: 0,
      desiredNumberScheduled: 0,
      numberMisscheduled: 0,
      numberReady: 0,
    }
    setTemplateGeneration(object, 1)
  },
  prepareForUpdate(object, old) {
    const before = Number(old.metadata.annotations?.[templateGeneration] ?? 0)
    const isSame = deepEqual(object.spec.template, old.spec.template)
    setTemplateGeneration(object, isSame ? before : before + 1)
  },
  validate: ({ spec }) => [
    ...validateSelector(spec, 'spec'),
    ...validateEndlessTemplate(spec.template ?? {}, 'spec.template', 'DaemonSet'),
    ...validateNonNegative(spec.minReadySeconds, 'spec.minReadySeconds'),
    ...validateStrategy(spec, 'spec.updateStrategy'),
    ...validateNonNegative(spec.revisionHistoryLimit, 'spec.revisionHistoryLimit'),
  ],
  warnings: podWarningsOf,
  validateUpdate: (object, old) =>
    deepEqual(object.spec.selector, old.spec.selector)
      ? []
      : [immutable('spec.selector', object.spec.selector)],
  status: {
    validateUpdate: ({ status }, { status: old }) => [
      ...counts.flatMap((name) => validateNonNegative(status?.[name], `status.${name}`)),
      ...validateCollisions(status, old),
    ],
  },
})

function setTemplateGeneration({ metadata }: DaemonSet, generation: number): void {
  metadata.annotations = { ...metadata.annotations, [templateGeneration]: String(generation) }
}

function nodeSelectorText({ spec }: DaemonSet): string {
  const selector = Object.entries(spec.template?.spec?.nodeSelector ?? {})
  const parts = selector.map(([key, value]) => `${key}=${value}`)
  return parts.sort().join(',') || '<none>'
}

/** As upstream, an absent selector is only told that it selects nothing. */
function validateSelector({ selector, template = {} }: DaemonSetSpec, path: string): FieldError[] {
  const errors = validateLabelSelector(selector, `${path}.selector`)
  if (errors.length === 0) errors.push(...validateMatches(selector, template, `${path}.template`))
  const { matchLabels, matchExpressions } = selector ?? {}
  if (selector && Object.keys(matchLabels ?? {}).length + (matchExpressions?.length ?? 0) === 0) {
    errors.push(invalidValue(`${path}.selector`, selector, 'empty selector is invalid for daemonset'))
  }
  return errors
}

function validateStrategy({ updateStrategy }: DaemonSetSpec, path: string): FieldError[] {
  const type = updateStrategy?.type
  if (type === 'OnDelete') return []
  const rolling = updateStrategy?.rollingUpdate
  if (type !== 'RollingUpdate') {
    // The value is shown as upstream's Go struct.
    const { maxUnavailable: most = 0, maxSurge: surge = 0 } = rolling ?? {}
    const update = rolling ? { MaxUnavailable: most, MaxSurge: surge } : null
    return [notSupported(path, { Type: type ?? '', RollingUpdate: update }, ['RollingUpdate', 'OnDelete'])]
  }
  const where = `${path}.rollingUpdate`
  if (!rolling) return [required(where)]
  const { maxUnavailable, maxSurge } = rolling
  const errors = [
    ...validateIntOrPercent(maxUnavailable, `${where}.maxUnavailable`),
    ...validateIntOrPercent(maxSurge, `${where}.maxSurge`),
    ...validateAtMost100Percent(maxUnavailable, `${where}.maxUnavailable`),
    ...validateAtMost100Percent(maxSurge, `${where}.maxSurge`),
  ]
  const hasUnavailable = amountOf(maxUnavailable) !== 0
  const hasSurge = amountOf(maxSurge) !== 0
  if (hasUnavailable && hasSurge) {
    errors.push(invalidValue(`${where}.maxSurge`, maxSurge, 'may not be set when maxUnavailable is non-zero'))
  } else if (!hasUnavailable && !hasSurge) {
    errors.push(required(`${where}.maxUnavailable`, 'cannot be 0 when maxSurge is 0'))
  }
  return errors
}
