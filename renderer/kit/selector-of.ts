import type { KubeObject, LabelSelector } from '../../core/api/meta.ts'
import { formatRequirements, requirementsOf } from '../../core/api/selectors.ts'

/** The text form of the pods an object selects: a LabelSelector, or a Service's plain map. Empty: selects none. */
export function selectorTextOf(object: KubeObject): string {
  const selector = (object as { spec?: { selector?: LabelSelector | Record<string, string> } }).spec?.selector
  if (!selector) return ''
  const isLabelSelector = 'matchLabels' in selector || 'matchExpressions' in selector
  const labelSelector: LabelSelector = isLabelSelector
    ? (selector as LabelSelector)
    : { matchLabels: selector as Record<string, string> }
  return formatRequirements(requirementsOf(labelSelector))
}
