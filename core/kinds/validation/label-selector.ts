import type { LabelSelector } from '../../api/meta.ts'
import { formatRequirements, requirementsOf } from '../../api/selectors.ts'
import type { FieldError } from '../../api/status.ts'
import { forbiddenField, invalidFor, invalidValue, required } from '../../api/field-errors.ts'
import { checkLabelValue, checkQualifiedName } from './formats.ts'

const operators = ['In', 'NotIn', 'Exists', 'DoesNotExist']

/** A label map: qualified names as keys, label values as values. */
export function validateLabels(labels: Record<string, string> | undefined, path: string): FieldError[] {
  return Object.entries(labels ?? {}).flatMap(([key, value]) => [
    ...invalidFor(path, key, checkQualifiedName(key)),
    ...invalidFor(path, value, checkLabelValue(value)),
  ])
}

/** A LabelSelector's own form (upstream: apimachinery/pkg/apis/meta/v1/validation ValidateLabelSelector). */
export function validateLabelSelector(selector: LabelSelector | undefined, path: string): FieldError[] {
  const errors = Object.entries(selector?.matchLabels ?? {}).flatMap(([key, value]) => [
    ...invalidFor(`${path}.matchLabels`, key, checkQualifiedName(key)),
    ...invalidFor(`${path}.matchLabels`, value, checkLabelValue(value)),
  ])
  for (const [at, { key, operator, values = [] }] of (selector?.matchExpressions ?? []).entries()) {
    const where = `${path}.matchExpressions[${at}]`
    errors.push(...validateValueCount({ operator, values }, `${where}.values`))
    if (!operators.includes(operator)) {
      errors.push(invalidValue(`${where}.operator`, operator, 'not a valid selector operator'))
    }
    errors.push(...invalidFor(`${where}.key`, key, checkQualifiedName(key ?? '')))
    for (const [index, value] of values.entries()) {
      errors.push(...invalidFor(`${where}.values[${index}]`, value, checkLabelValue(value)))
    }
  }
  return errors
}

/** `In` and `NotIn` have values, `Exists` and `DoesNotExist` none; of other operators nothing is said. */
export function validateValueCount(
  { operator, values = [] }: { operator: string; values?: string[] },
  path: string,
): FieldError[] {
  const takesValues = operator === 'In' || operator === 'NotIn'
  if (takesValues && values.length === 0) {
    return [required(path, "must be specified when `operator` is 'In' or 'NotIn'")]
  }
  if (!takesValues && operators.includes(operator) && values.length > 0) {
    return [forbiddenField(path, "may not be specified when `operator` is 'Exists' or 'DoesNotExist'")]
  }
  return []
}

/** The selector as text, requirements in key order: `app=web,tier in (a,b)`; `<none>` for an empty one. */
export function selectorText(selector: LabelSelector | undefined): string {
  if (!selector) return '<none>'
  const known = (selector.matchExpressions ?? []).every(({ operator }) => operators.includes(operator))
  if (!known) return '<error>'
  const requirements = requirementsOf(selector).sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0))
  return formatRequirements(requirements) || '<none>'
}

/** The same as `selectorText`, with nothing for an empty selector: what `status.selector` of a Scale holds. */
export function selectorQuery(selector: LabelSelector | undefined): string {
  const text = selectorText(selector)
  return text.startsWith('<') ? '' : text
}
