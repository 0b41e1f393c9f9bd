import type { Job } from '../../api/generated/batch-v1.ts'
import { labelMatcher } from '../../api/selectors.ts'
import type { FieldError } from '../../api/status.ts'
import { invalidValue, required } from '../../api/field-errors.ts'
import { validateLabelSelector } from '../validation/label-selector.ts'

const uidLabel = 'batch.kubernetes.io/controller-uid'

/** The labels of a Job's pods: today's and, for those who still look for them, the ones without prefix. */
function generatedLabels({ metadata }: Job): Record<string, string> {
  const { name, uid = '' } = metadata
  return {
    'controller-uid': uid,
    'job-name': name,
    [uidLabel]: uid,
    'batch.kubernetes.io/job-name': name,
  }
}

/**
 * Gives a Job a selector of its own and its template the labels it selects (upstream: jobStrategy generateSelector).
 * What the user has set stays; wrong values are for validation to name.
 */
export function generateSelector(object: Job): void {
  const { spec } = object
  spec.template.metadata ??= { name: '' }
  const { metadata } = spec.template
  metadata.labels = { ...generatedLabels(object), ...metadata.labels }
  spec.selector ??= {}
  spec.selector.matchLabels = { [uidLabel]: object.metadata.uid ?? '', ...spec.selector.matchLabels }
}

/** The template has the generated labels and the selector selects them (upstream: validateGeneratedSelector). */
export function validateGeneratedSelector(object: Job): FieldError[] {
  const { spec } = object
  if (spec.manualSelector || !spec.selector) return []
  const expected = generatedLabels(object)
  const labels = spec.template?.metadata?.labels
  const errors: FieldError[] = []
  for (const [key, value] of Object.entries(expected)) {
    if (labels?.[key] === value) continue
    const path = `spec.template.metadata.labels[${key}]`
    const why = `must be '${value}'`
    errors.push(labels?.[key] === undefined ? required(path, why) : invalidValue(path, labels, why))
  }
  // What is no selector is refused by others.
  const { selector } = spec
  if (validateLabelSelector(selector, '').length > 0) return errors
  if (!labelMatcher(selector)(expected)) {
    errors.push(invalidValue('spec.selector', spec.selector, '`selector` not auto-generated'))
  }
  return errors
}
