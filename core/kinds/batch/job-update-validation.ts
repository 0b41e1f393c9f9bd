import { isConditionTrue } from '../../api/conditions.ts'
import type { Job, JobSpec } from '../../api/generated/batch-v1.ts'
import type { PodSpec, PodTemplateSpec } from '../../api/generated/core-v1.ts'
import type { FieldError } from '../../api/status.ts'
import { deepEqual } from '../validation/deep-equal.ts'
import { immutable, invalidValue } from '../validation/field-errors.ts'

const immutableFields = [
  'selector',
  'completionMode',
  'podFailurePolicy',
  'backoffLimitPerIndex',
  'managedBy',
  'successPolicy',
] as const

/** What may change of a Job (upstream: pkg/apis/batch/validation ValidateJobSpecUpdate). */
export function validateJobUpdate(object: Job, old: Job): FieldError[] {
  const errors = validateCompletions(object.spec, old.spec)
  for (const name of immutableFields) {
    if (deepEqual(object.spec[name], old.spec[name])) continue
    errors.push(immutable(`spec.${name}`, object.spec[name]))
  }
  if (!isSameTemplate(object, old)) errors.push(immutable('spec.template', object.spec.template))
  return errors
}

/** An Indexed Job may grow and shrink, with its parallelism. */
function validateCompletions(spec: JobSpec, old: JobSpec): FieldError[] {
  if (spec.completions === old.completions) return []
  if (spec.completionMode !== 'Indexed') return [immutable('spec.completions', spec.completions)]
  if (spec.completions === undefined || spec.completions === spec.parallelism) return []
  const why = 'can only be modified in tandem with spec.parallelism'
  return [invalidValue('spec.completions', spec.completions, why)]
}

/** While nothing of a suspended Job runs, where and with what its pods shall run may still be decided. */
function isSameTemplate(object: Job, old: Job): boolean {
  if (!isIdle(old)) return deepEqual(object.spec.template, old.spec.template)
  return deepEqual(withoutDirectives(object.spec.template), withoutDirectives(old.spec.template))
}

function isIdle({ spec, status }: Job): boolean {
  if (!spec.suspend) return false
  if (!status?.startTime) return true
  return isConditionTrue(status.conditions, 'Suspended') && (status.active ?? 0) === 0
}

/** A template without node affinity, node selector, tolerations, gates, resources, labels and annotations. */
function withoutDirectives(template: PodTemplateSpec): unknown {
  const { labels: _labels, annotations: _annotations, ...metadata } = template.metadata ?? { name: '' }
  if (!template.spec) return { metadata }
  const { nodeSelector: _node, tolerations: _tolerations, schedulingGates: _gates, ...rest } = template.spec
  const withoutResources = (containers: PodSpec['containers'] | undefined): unknown =>
    containers?.map(({ resources: _resources, ...container }) => container)
  const spec = {
    ...rest,
    affinity: { ...rest.affinity, nodeAffinity: undefined },
    containers: withoutResources(rest.containers),
    initContainers: withoutResources(rest.initContainers),
  }
  return { metadata, spec }
}
