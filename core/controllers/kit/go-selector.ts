import type { LabelSelector } from '../../api/meta.ts'

/** A selector as Go prints a pointer to one. */
export function goSelector(selector: LabelSelector | undefined): string {
  if (!selector) return 'nil'
  const labels = Object.entries(selector.matchLabels ?? {})
    .sort()
    .map(([key, value]) => `${key}: ${value},`)
  const terms = (selector.matchExpressions ?? []).map(
    ({ key, operator, values = [] }) => `{Key:${key},Operator:${operator},Values:[${values.join(' ')}],},`,
  )
  const expressions = `[]LabelSelectorRequirement{${terms.join('')}}`
  return `&LabelSelector{MatchLabels:map[string]string{${labels.join('')}},MatchExpressions:${expressions},}`
}
