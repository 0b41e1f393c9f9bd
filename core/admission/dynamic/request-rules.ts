import type { RuleWithOperations } from '../../api/generated/admissionregistration-v1.ts'
import type { GroupVersionResource } from '../../api/gvk.ts'
import type { AdmissionAttributes } from '../../api/request.ts'

/** What rules go by. */
export type RuledRequest = Pick<
  AdmissionAttributes,
  'operation' | 'resource' | 'subresource' | 'namespace' | 'name'
>

type Rule = RuleWithOperations & { resourceNames?: string[] }

/**
 * Whether a rule is about a request (upstream: apiserver/pkg/admission/plugin/webhook/predicates/rules). Namespaces count
 * as cluster-scoped.
 */
export function matchesRule(
  rule: Rule,
  { operation, resource, subresource, namespace, name }: RuledRequest,
): boolean {
  const { resourceNames = [] } = rule
  return (
    isListed(rule.operations, operation) &&
    isListed(rule.apiGroups, resource.group) &&
    isListed(rule.apiVersions, resource.version) &&
    (rule.resources ?? []).some((text) => matchesResource(text, resource, subresource ?? '')) &&
    matchesScope(rule.scope, namespace !== undefined) &&
    (resourceNames.length === 0 || resourceNames.includes(name))
  )
}

function isListed(items: readonly string[] | undefined, wanted: string): boolean {
  return items !== undefined && (items.includes('*') || items.includes(wanted))
}

function matchesResource(text: string, { resource }: GroupVersionResource, subresource: string): boolean {
  const slash = text.indexOf('/')
  const wanted = slash < 0 ? text : text.slice(0, slash)
  const wantedPart = slash < 0 ? '' : text.slice(slash + 1)
  return (wanted === '*' || wanted === resource) && (wantedPart === '*' || wantedPart === subresource)
}

function matchesScope(scope: string | undefined, isNamespaced: boolean): boolean {
  if (scope === undefined || scope === '*') return true
  return (scope === 'Namespaced') === isNamespaced
}

const ownKinds = new Set([
  'validatingwebhookconfigurations',
  'mutatingwebhookconfigurations',
  'validatingadmissionpolicies',
  'validatingadmissionpolicybindings',
  'mutatingadmissionpolicies',
  'mutatingadmissionpolicybindings',
])

/** Whether nobody's webhook or policy may get between an administrator and this object: it is one of those itself. */
export function isExempt({ group, resource }: GroupVersionResource): boolean {
  return group === 'admissionregistration.k8s.io' && ownKinds.has(resource)
}
