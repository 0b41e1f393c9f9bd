import type { ReplicationController, ReplicationControllerSpec } from '../../api/generated/core-v1.ts'
import type { FieldError } from '../../api/status.ts'
import { gatedPodFields } from './pod/gated-fields.ts'
import { podTolerances } from '../validation/tolerated.ts'
import { defineKind } from '../../registry/kind.ts'
import { validateEndlessTemplate, validateMatches, validateReplicaCounts } from '../apps/replica-workload.ts'
import { isUnchanged, warnOfName } from '../apps/workload-warnings.ts'
import { ageColumn, nameColumn, templateColumns } from '../columns.ts'
import { required } from '../../api/field-errors.ts'
import { selectorQuery, selectorText } from '../validation/label-selector.ts'
import { defaultPodTemplate } from './pod/defaults.ts'
import { templateWarnings } from './pod/warnings.ts'
import { validateNonNegative } from './pod/handler-validation.ts'

const counts = ['fullyLabeledReplicas', 'readyReplicas', 'availableReplicas']

type Template = { spec: { template?: ReplicationControllerSpec['template'] } } & Pick<
  ReplicationController,
  'metadata'
>

export const replicationController = defineKind<ReplicationController>({
  group: '',
  version: 'v1',
  kind: 'ReplicationController',
  namespaced: true,
  names: {
    plural: 'replicationcontrollers',
    singular: 'replicationcontroller',
    short: ['rc'],
    categories: ['all'],
  },
  schema: 'io.k8s.api.core.v1.ReplicationController',
  toleratedWhenStored: podTolerances,
  gatedFields: gatedPodFields('spec.template.spec'),
  columns: [
    nameColumn(),
    { name: 'Desired', type: 'integer', value: ({ spec }) => spec.replicas ?? 0 },
    { name: 'Current', type: 'integer', value: ({ status }) => status?.replicas ?? 0 },
    { name: 'Ready', type: 'integer', value: ({ status }) => status?.readyReplicas ?? 0 },
    ageColumn(),
    ...templateColumns<Template>().filter(({ name }) => name !== 'Selector'),
    {
      name: 'Selector',
      type: 'string',
      priority: 1,
      value: ({ spec }) => selectorText({ matchLabels: spec.selector ?? {} }),
    },
  ],
  default(object) {
    object.spec ??= {}
    const { spec, metadata } = object
    spec.replicas ??= 1
    const labels = spec.template?.metadata?.labels
    if (labels) {
      if (isEmpty(spec.selector)) spec.selector = { ...labels }
      if (isEmpty(metadata.labels)) metadata.labels = { ...labels }
    }
    if (spec.template) defaultPodTemplate(spec.template)
  },
  prepareForCreate(object) {
    object.status = { replicas: 0 }
  },
  warnings(object, old) {
    if (isUnchanged(object, old)) return []
    // Upstream warns of the template that was there before the change.
    const { spec } = old ?? object
    return [
      ...(old ? [] : warnOfName(object.metadata.name)),
      ...templateWarnings(spec.template, 'spec.template'),
    ]
  },
  dependents: 'orphaned',
  validate: ({ spec }) => validateSpec(spec, 'spec'),
  status: {
    validateUpdate: ({ status }) =>
      validateReplicaCounts({ ...status }, counts, {
        counted: ['replicas', ...counts, 'observedGeneration'],
      }),
  },
  scale: {
    specReplicasPath: 'spec.replicas',
    statusReplicasPath: 'status.replicas',
    selector: ({ spec }) => selectorQuery({ matchLabels: spec.selector ?? {} }),
  },
  selectableFields: { 'status.replicas': ({ status }) => String(status?.replicas ?? 0) },
})

function isEmpty(labels: Record<string, string> | undefined): boolean {
  return Object.keys(labels ?? {}).length === 0
}

/** Upstream: pkg/apis/core/validation/validation.go ValidateReplicationControllerSpec. */
function validateSpec(spec: ReplicationControllerSpec, path: string): FieldError[] {
  const { selector = {}, template } = spec
  const errors = [
    ...validateNonNegative(spec.minReadySeconds, `${path}.minReadySeconds`),
    ...(isEmpty(selector) ? [required(`${path}.selector`)] : []),
    ...validateNonNegative(spec.replicas, `${path}.replicas`),
  ]
  if (!template) return [...errors, required(`${path}.template`)]
  if (!isEmpty(selector)) {
    errors.push(...validateMatches({ matchLabels: selector }, template, `${path}.template`))
  }
  return [...errors, ...validateEndlessTemplate(template, `${path}.template`, 'ReplicationController')]
}
