import type { LabelSelector, KubeObject } from '../../api/meta.ts'
import type { AdmissionAttributes } from '../../api/request.ts'
import { labelMatcher, type Labels, type Matcher } from '../../api/selectors.ts'

/** Labels of a namespace; throws a 404 StatusError without it. */
export type NamespaceLabels = (name: string) => Labels | Promise<Labels>

export interface Selectors {
  namespaceSelector?: LabelSelector
  objectSelector?: LabelSelector
}

/** Whether a request is about an object that the selectors select, in a namespace that they select. */
export type SelectorMatcher = (
  attributes: AdmissionAttributes,
  namespaceLabels: NamespaceLabels,
) => boolean | Promise<boolean>

/**
 * Compiles the selectors of a webhook or policy (upstream: predicates/namespace and predicates/object). Cluster-scoped
 * objects are never left out by namespace, but a namespace itself goes by its own labels. An object is selected when it is
 * or was: either state is enough.
 */
export function compileSelectors({ namespaceSelector, objectSelector }: Selectors): SelectorMatcher {
  const ofNamespace = isEmpty(namespaceSelector) ? undefined : labelMatcher(namespaceSelector)
  const ofObject = isEmpty(objectSelector) ? undefined : labelMatcher(objectSelector)
  return (attributes, namespaceLabels) => {
    if (ofObject && !matchesObject(ofObject, attributes)) return false
    if (!ofNamespace) return true
    return matchesNamespace(ofNamespace, attributes, namespaceLabels)
  }
}

function isEmpty(selector: LabelSelector | undefined): boolean {
  const { matchLabels, matchExpressions } = selector ?? {}
  return Object.keys(matchLabels ?? {}).length === 0 && (matchExpressions ?? []).length === 0
}

function matchesObject(matches: Matcher, { object, oldObject }: AdmissionAttributes): boolean {
  return isSelected(matches, object) || isSelected(matches, oldObject)
}

function isSelected(matches: Matcher, object: KubeObject | undefined): boolean {
  // Options of a connection carry no metadata, and are selected by nothing.
  return object?.metadata !== undefined && matches(object.metadata.labels)
}

function matchesNamespace(
  matches: Matcher,
  { resource, operation, subresource, namespace, name, object }: AdmissionAttributes,
  namespaceLabels: NamespaceLabels,
): boolean | Promise<boolean> {
  const isNamespace = resource.group === '' && resource.resource === 'namespaces'
  if (isNamespace && !subresource && object && (operation === 'CREATE' || operation === 'UPDATE')) {
    return matches(object.metadata.labels)
  }
  const where = isNamespace ? name : namespace
  if (!where) return true
  const labels = namespaceLabels(where)
  return labels instanceof Promise ? labels.then(matches) : matches(labels)
}
