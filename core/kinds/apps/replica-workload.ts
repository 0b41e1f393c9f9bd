import type { PodTemplateSpec } from '../../api/generated/core-v1.ts'
import type { LabelSelector } from '../../api/meta.ts'
import { labelMatcher } from '../../api/selectors.ts'
import type { FieldError } from '../../api/status.ts'
import { validateNonNegative } from '../core/pod/handler-validation.ts'
import { validatePodTemplate } from '../core/pod/spec-validation.ts'
import { forbiddenField, invalidValue, notSupported, required } from '../validation/field-errors.ts'
import { validateLabelSelector } from '../validation/label-selector.ts'

export interface ReplicaWorkloadSpec {
  replicas?: number
  minReadySeconds?: number
  selector: LabelSelector
  template?: PodTemplateSpec
}

/**
 * What Deployments and ReplicaSets have in common: replicas, a selector, and a template that the selector matches and
 * whose pods run forever (upstream: pkg/apis/apps/validation ValidateReplicaSetSpec, ValidateDeploymentSpec).
 */
export function validateReplicaWorkload(spec: ReplicaWorkloadSpec, path: string): FieldError[] {
  const { selector, template } = spec
  const errors = [
    ...validateNonNegative(spec.replicas, `${path}.replicas`),
    ...validateNonNegative(spec.minReadySeconds, `${path}.minReadySeconds`),
  ]
  let selectorErrors: FieldError[]
  if (!selector) selectorErrors = [required(`${path}.selector`)]
  else {
    selectorErrors = validateLabelSelector(selector, `${path}.selector`)
    if (!selector.matchLabels && !selector.matchExpressions?.length) {
      const why = 'empty selector is invalid for deployment'
      selectorErrors.push(invalidValue(`${path}.selector`, selector, why))
    }
  }
  errors.push(...selectorErrors)
  if (!template) return [...errors, required(`${path}.template`)]
  if (selectorErrors.length === 0) {
    const labels = template.metadata?.labels
    if (!labelMatcher(selector)(labels)) {
      const why = '`selector` does not match template `labels`'
      errors.push(invalidValue(`${path}.template.metadata.labels`, labels, why))
    }
  }
  return [...errors, ...validatePodTemplate(template, `${path}.template`), ...validateEndless(template, path)]
}

/** Counters of a status: none negative, none greater than the number of replicas. */
export function validateReplicaCounts(
  status: { replicas?: number } & Record<string, unknown>,
  names: string[],
): FieldError[] {
  const replicas = status.replicas ?? 0
  const errors = validateNonNegative(replicas, 'status.replicas')
  for (const name of names) {
    const count = Number(status[name] ?? 0)
    errors.push(...validateNonNegative(count, `status.${name}`))
    if (count > replicas) {
      errors.push(invalidValue(`status.${name}`, count, 'cannot be greater than status.replicas'))
    }
  }
  return errors
}

function validateEndless(template: PodTemplateSpec, path: string): FieldError[] {
  const errors: FieldError[] = []
  const { restartPolicy, activeDeadlineSeconds } = template.spec ?? {}
  if (restartPolicy !== 'Always') {
    errors.push(notSupported(`${path}.template.spec.restartPolicy`, restartPolicy ?? '', ['Always']))
  }
  if (activeDeadlineSeconds !== undefined) {
    const why = 'activeDeadlineSeconds in ReplicaSet is not Supported'
    errors.push(forbiddenField(`${path}.template.spec.activeDeadlineSeconds`, why))
  }
  return errors
}
