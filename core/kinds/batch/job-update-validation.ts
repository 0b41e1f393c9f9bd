import { isConditionTrue } from '../../api/conditions.ts'
import type { Job, JobSpec } from '../../api/generated/batch-v1.ts'
import type { Container, PodSpec } from '../../api/generated/core-v1.ts'
import type { FieldError } from '../../api/status.ts'
import { deepEqual } from '../validation/deep-equal.ts'
import { immutableInside, internalForm } from '../validation/internal-form.ts'
import { immutable, invalidValue } from '../../api/field-errors.ts'

const immutableFields = [
  ['completionMode', '*string'],
  ['podFailurePolicy', '*batch.PodFailurePolicy'],
  ['backoffLimitPerIndex', '*number'],
  ['managedBy', '*string'],
  ['successPolicy', '*batch.SuccessPolicy'],
] as const

/** What may change of a Job (upstream: pkg/apis/batch/validation ValidateJobSpecUpdate). */
export function validateJobUpdate(object: Job, old: Job): FieldError[] {
  const errors = validateCompletions(object.spec, old.spec)
  if (!deepEqual(object.spec.selector, old.spec.selector)) {
    errors.push(immutable('spec.selector', object.spec.selector))
  }
  errors.push(...validateTemplate(object, old))
  for (const [name, type] of immutableFields) {
    errors.push(...immutableInside(`spec.${name}`, type, object.spec[name], old.spec[name]))
  }
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
function validateTemplate(object: Job, old: Job): FieldError[] {
  const { template } = object.spec
  if (!isIdle(old)) {
    return immutableInside('spec.template', 'core.PodTemplateSpec', template, old.spec.template)
  }
  const isSame = deepEqual(
    withoutDirectives(template.spec, old),
    withoutDirectives(old.spec.template.spec, old),
  )
  return isSame ? [] : [immutable('spec.template.spec', internalForm('core.PodSpec', template.spec))]
}

function isIdle({ spec, status }: Job): boolean {
  if (!spec.suspend) return false
  if (!status?.startTime) return true
  return isConditionTrue(status.conditions, 'Suspended') && (status.active ?? 0) === 0
}

/** A pod's spec without node affinity, node selector, tolerations, gates and the resources of the known containers. */
function withoutDirectives(spec: PodSpec | undefined, old: Job): unknown {
  if (!spec) return undefined
  const { nodeSelector: _node, tolerations: _tolerations, schedulingGates: _gates, ...rest } = spec
  const before = old.spec.template.spec
  return {
    ...rest,
    affinity: { ...rest.affinity, nodeAffinity: undefined },
    containers: withoutResources(rest.containers, before?.containers),
    initContainers: withoutResources(rest.initContainers, before?.initContainers),
  }
}

function withoutResources(containers: Container[] = [], old: Container[] = []): unknown {
  if (containers.length !== old.length) return containers
  return containers.map((container, at) => {
    const { resources: _resources, ...rest } = container
    return container.name === old[at]?.name ? rest : container
  })
}
