import type { PodTemplateSpec } from '../../api/generated/core-v1.ts'
import type { LabelSelector } from '../../api/meta.ts'
import { labelMatcher } from '../../api/selectors.ts'
import type { FieldError } from '../../api/status.ts'
import { validateNonNegative } from '../core/pod/handler-validation.ts'
import { validatePodTemplate } from '../core/pod/spec-validation.ts'
import { forbiddenField, invalidValue, notSupported, required } from '../../api/field-errors.ts'
import { validateLabelSelector } from '../validation/label-selector.ts'

/** The workload as upstream's messages name it. A Deployment is told about its ReplicaSets. */
export type WorkloadName = 'ReplicaSet' | 'StatefulSet' | 'DaemonSet' | 'ReplicationController'

/** What upstream says of a selector that is none: `why` of an empty one, `malformed` of one that cannot be read. */
export interface SelectorWords {
  why: string
  malformed: string
}

/** What is wrong with a workload's selector as such; a template is compared with it only when it can be read. */
export function validateWorkloadSelector(
  selector: LabelSelector | undefined,
  path: string,
  words: SelectorWords,
): { errors: FieldError[]; isReadable: boolean } {
  if (!selector) return { errors: [required(path)], isReadable: true }
  const errors = validateLabelSelector(selector, path)
  const isReadable = errors.length === 0
  if (isEmpty(selector)) errors.push(invalidValue(path, selector, words.why))
  if (!isReadable) errors.push(invalidValue(path, selector, words.malformed))
  return { errors, isReadable }
}

function isEmpty({ matchLabels, matchExpressions }: LabelSelector): boolean {
  return Object.keys(matchLabels ?? {}).length === 0 && !matchExpressions?.length
}

/** The selector and the template of a ReplicaSet or a Deployment (upstream: ValidatePodTemplateSpecForReplicaSet). */
export function validateSelectedTemplate(
  { selector, template = {} }: { selector?: LabelSelector; template?: PodTemplateSpec },
  path: string,
): FieldError[] {
  const words = { why: 'empty selector is invalid for deployment', malformed: 'invalid label selector' }
  const { errors, isReadable } = validateWorkloadSelector(selector, `${path}.selector`, words)
  if (!isReadable) return errors
  return [
    ...errors,
    ...validateMatches(selector, template, `${path}.template`),
    ...validateEndlessTemplate(template, `${path}.template`, 'ReplicaSet'),
  ]
}

/** The selector selects the template's pods. An empty one has been named already; an absent one selects nothing. */
export function validateMatches(
  selector: LabelSelector | undefined,
  template: PodTemplateSpec,
  path: string,
): FieldError[] {
  const labels = template.metadata?.labels
  if (selector && labelMatcher(selector)(labels)) return []
  return [invalidValue(`${path}.metadata.labels`, labels, '`selector` does not match template `labels`')]
}

/** A template whose pods run forever. */
export function validateEndlessTemplate(
  template: PodTemplateSpec,
  path: string,
  workload: WorkloadName,
): FieldError[] {
  return [...validatePodTemplate(template, path), ...validateEndless(template, path, workload)]
}

/** That pods of a template start again when they end, and have no time limit. */
export function validateEndless(
  template: PodTemplateSpec,
  path: string,
  workload: WorkloadName,
): FieldError[] {
  const { restartPolicy, activeDeadlineSeconds } = template.spec ?? {}
  const errors: FieldError[] = []
  if (restartPolicy !== 'Always') {
    errors.push(notSupported(`${path}.spec.restartPolicy`, restartPolicy ?? '', ['Always']))
  }
  if (activeDeadlineSeconds !== undefined) {
    const why = `activeDeadlineSeconds in ${workload} is not Supported`
    errors.push(forbiddenField(`${path}.spec.activeDeadlineSeconds`, why))
  }
  return errors
}

/**
 * Counters of a status: `counted` are not negative, `bounded` are no greater than the number of replicas, and no more
 * are available than ready, in `readyName`'s words.
 */
export function validateReplicaCounts(
  status: { replicas?: number } & Record<string, unknown>,
  bounded: string[],
  { counted = ['replicas', ...bounded], readyName = 'readyReplicas' }: ReplicaCountRules = {},
): FieldError[] {
  const count = (name: string): number => Number(status[name] ?? 0)
  const errors = counted.flatMap((name) => validateNonNegative(count(name), `status.${name}`))
  for (const name of bounded) {
    if (count(name) <= count('replicas')) continue
    errors.push(invalidValue(`status.${name}`, count(name), 'cannot be greater than status.replicas'))
  }
  const available = count('availableReplicas')
  if (available > count('readyReplicas')) {
    errors.push(invalidValue('status.availableReplicas', available, `cannot be greater than ${readyName}`))
  }
  return errors
}

export interface ReplicaCountRules {
  counted?: string[]
  readyName?: string
}

/** The number of name collisions only grows. */
export function validateCollisions(
  status: { collisionCount?: number } | undefined,
  old: { collisionCount?: number } | undefined,
): FieldError[] {
  const count = status?.collisionCount ?? 0
  if (old?.collisionCount === undefined || count >= old.collisionCount) return []
  return [invalidValue('status.collisionCount', count, 'cannot be decremented')]
}
