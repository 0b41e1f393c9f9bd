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

/** The workload as upstream's messages name it. A Deployment is told about its ReplicaSets. */
export type WorkloadName = 'ReplicaSet' | 'StatefulSet' | 'DaemonSet' | 'ReplicationController'

const emptySelector: Record<Exclude<WorkloadName, 'ReplicationController'>, string> = {
  ReplicaSet: 'empty selector is invalid for deployment',
  StatefulSet: 'empty selector is invalid for statefulset',
  DaemonSet: 'empty selector is invalid for daemonset',
}

/**
 * What workloads with pods that run forever have in common: replicas, a selector, and a template that the selector
 * matches (upstream: pkg/apis/apps/validation Validate*Spec).
 */
export function validateReplicaWorkload(
  spec: ReplicaWorkloadSpec,
  path: string,
  workload: keyof typeof emptySelector,
): FieldError[] {
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
      selectorErrors.push(invalidValue(`${path}.selector`, selector, emptySelector[workload]))
    }
  }
  errors.push(...selectorErrors)
  if (!template) return [...errors, required(`${path}.template`)]
  if (selectorErrors.length === 0) errors.push(...validateMatches(selector, template, `${path}.template`))
  return [...errors, ...validateEndlessTemplate(template, `${path}.template`, workload)]
}

/** The selector selects the template's pods. */
export function validateMatches(
  selector: LabelSelector,
  template: PodTemplateSpec,
  path: string,
): FieldError[] {
  const labels = template.metadata?.labels
  if (labelMatcher(selector)(labels)) return []
  return [invalidValue(`${path}.metadata.labels`, labels, '`selector` does not match template `labels`')]
}

/** A template whose pods run forever. */
export function validateEndlessTemplate(
  template: PodTemplateSpec,
  path: string,
  workload: WorkloadName,
): FieldError[] {
  const errors = validatePodTemplate(template, path)
  const { restartPolicy, activeDeadlineSeconds } = template.spec ?? {}
  if (restartPolicy !== 'Always') {
    errors.push(notSupported(`${path}.spec.restartPolicy`, restartPolicy ?? '', ['Always']))
  }
  if (activeDeadlineSeconds !== undefined) {
    const why = `activeDeadlineSeconds in ${workload} is not Supported`
    errors.push(forbiddenField(`${path}.spec.activeDeadlineSeconds`, why))
  }
  return errors
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
