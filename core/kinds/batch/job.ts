import { findCondition, isConditionTrue } from '../../api/conditions.ts'
import type { Job, JobSpec } from '../../api/generated/batch-v1.ts'
import { humanDuration } from '../../api/human-duration.ts'
import type { FieldError } from '../../api/status.ts'
import { gatedPodFields } from '../core/pod/gated-fields.ts'
import { podTolerances } from '../validation/tolerated.ts'
import { defineKind } from '../../registry/kind.ts'
import { validateMatches } from '../apps/replica-workload.ts'
import { ageColumn, nameColumn, templateColumns } from '../columns.ts'
import { defaultPodTemplate } from '../core/pod/defaults.ts'
import { invalidValue, required } from '../../api/field-errors.ts'
import { checkDns1123Label } from '../validation/formats.ts'
import { validateLabelSelector } from '../validation/label-selector.ts'
import { generateSelector, validateGeneratedSelector } from './job-selector.ts'
import { validateJobTemplateSpec } from './job-spec-validation.ts'
import { validateJobStatus } from './job-status-validation.ts'
import { validateJobUpdate } from './job-update-validation.ts'
import { jobWarnings } from './job-warnings.ts'

const orphaningWarning =
  'child pods are preserved by default when jobs are deleted; set propagationPolicy=Background to remove them or set propagationPolicy=Orphan to suppress this warning'
const noBackoffLimit = 2 ** 31 - 1

export const job = defineKind<Job>({
  group: 'batch',
  version: 'v1',
  kind: 'Job',
  namespaced: true,
  names: { plural: 'jobs', singular: 'job', categories: ['all'] },
  schema: 'io.k8s.api.batch.v1.Job',
  toleratedWhenStored: podTolerances,
  gatedFields: gatedPodFields('spec.template.spec'),
  columns: [
    nameColumn(),
    { name: 'Status', type: 'string', value: statusText },
    { name: 'Completions', type: 'string', value: completionsText },
    { name: 'Duration', type: 'string', value: durationText },
    ageColumn(),
    ...templateColumns<Job>(),
  ],
  default: defaultJob,
  prepareForCreate(object) {
    object.status = {}
    if (!object.spec.manualSelector) generateSelector(object)
    defaultLabels(object)
  },
  validate: (object) => [
    ...validateGeneratedSelector(object),
    ...validateSpec(object.spec, 'spec'),
    ...validateHostnames(object),
  ],
  warnings: jobWarnings,
  // Upstream's update rules begin with those of the spec again, so that causes name its problems twice.
  validateUpdate: (object, old) => [...validateSpec(object.spec, 'spec'), ...validateJobUpdate(object, old)],
  dependents: 'orphaned',
  orphaningWarning,
  status: { validateUpdate: validateJobStatus },
  selectableFields: { 'status.successful': ({ status }) => String(status?.succeeded ?? 0) },
  refuseField: (field) => `field label ${JSON.stringify(field)} not supported for Job`,
})

/** Upstream: pkg/apis/batch/v1/defaults.go SetDefaults_Job. */
function defaultJob(object: Job): void {
  object.spec ??= {} as JobSpec
  const { spec } = object
  // A new Job gets those with which its pods are found too, which its template does not have yet.
  if (object.metadata.uid) defaultLabels(object)
  if (spec.completions === undefined && spec.parallelism === undefined) {
    spec.completions = 1
    spec.parallelism = 1
  }
  spec.parallelism ??= 1
  spec.backoffLimit ??= spec.backoffLimitPerIndex === undefined ? 6 : noBackoffLimit
  spec.completionMode ??= 'NonIndexed'
  spec.suspend ??= false
  spec.manualSelector ??= false
  spec.podReplacementPolicy ??= spec.podFailurePolicy ? 'Failed' : 'TerminatingOrFailed'
  defaultJobTemplate(spec)
}

/** As upstream, where this is a default that is applied again whenever the stored Job is read. */
function defaultLabels({ metadata, spec }: Job): void {
  const labels = spec.template?.metadata?.labels
  if (labels && Object.keys(metadata.labels ?? {}).length === 0) metadata.labels = { ...labels }
}

/** The part of the defaults that a CronJob's template gets too. */
export function defaultJobTemplate(spec: JobSpec): void {
  for (const rule of spec.podFailurePolicy?.rules ?? []) {
    for (const pattern of rule.onPodConditions ?? []) pattern.status ||= 'True'
  }
  spec.template ??= {}
  defaultPodTemplate(spec.template)
}

function validateSpec(spec: JobSpec, path: string): FieldError[] {
  const errors = validateJobTemplateSpec(spec, path)
  const selectorErrors = spec.selector
    ? validateLabelSelector(spec.selector, `${path}.selector`)
    : [required(`${path}.selector`)]
  errors.push(...selectorErrors)
  if (spec.selector && selectorErrors.length > 0) return errors
  return [...errors, ...validateMatches(spec.selector, spec.template, `${path}.template`)]
}

/** Pods of an Indexed Job get host names `<job>-<index>`; the longest must be a label. */
function validateHostnames({ metadata, spec }: Job): FieldError[] {
  if (spec.completionMode !== 'Indexed' || !spec.completions) return []
  const longest = `${metadata.name}-${spec.completions - 1}`
  if (checkDns1123Label(longest).length === 0) return []
  const why = `will not able to create pod with invalid DNS label: ${longest}`
  return [invalidValue('metadata.name', metadata.name, why)]
}

function statusText({ metadata, status }: Job): string {
  const has = (type: string): boolean => isConditionTrue(status?.conditions, type)
  if (has('Complete')) return 'Complete'
  if (has('Failed')) return 'Failed'
  if (metadata.deletionTimestamp) return 'Terminating'
  return ['Suspended', 'FailureTarget', 'SuccessCriteriaMet'].find(has) ?? 'Running'
}

function completionsText({ spec, status }: Job): string {
  const succeeded = status?.succeeded ?? 0
  if (spec.completions !== undefined) return `${succeeded}/${spec.completions}`
  const parallelism = spec.parallelism ?? 0
  return parallelism > 1 ? `${succeeded}/1 of ${parallelism}` : `${succeeded}/1`
}

function durationText({ status }: Job, now: number): string {
  if (!status?.startTime) return ''
  const failed = findCondition(status.conditions, 'Failed')
  const failedAt = failed?.status === 'True' ? failed.lastTransitionTime : undefined
  const end = status.completionTime ?? failedAt
  return humanDuration((end ? Date.parse(end) : now) - Date.parse(status.startTime))
}
