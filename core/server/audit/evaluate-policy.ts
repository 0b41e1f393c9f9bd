import type { UserInfo } from '../../api/request.ts'
import type { RequestInfo } from '../request-info.ts'
import type { AuditLevel, AuditPolicy, AuditRule, AuditStage } from './policy.ts'

/** What the policy wants of one request. */
export interface AuditDecision {
  level: AuditLevel
  omitStages: ReadonlySet<AuditStage>
  omitManagedFields: boolean
}

/**
 * The policy as a function of requests (upstream: audit/policy/checker.go). A request that no rule matches is not
 * audited. A rule's stages to omit and the policy's add up; a rule's omitManagedFields overrides the policy's.
 */
export function createPolicyEvaluator(
  policy: AuditPolicy,
): (user: UserInfo, info: RequestInfo) => AuditDecision {
  const rules = policy.rules.map((rule) => ({
    rule,
    decision: {
      level: rule.level,
      omitStages: new Set([...(policy.omitStages ?? []), ...(rule.omitStages ?? [])]),
      omitManagedFields: rule.omitManagedFields ?? policy.omitManagedFields ?? false,
    },
  }))
  const nothing: AuditDecision = { level: 'None', omitStages: new Set(), omitManagedFields: false }
  return (user, info) => rules.find(({ rule }) => matches(rule, user, info))?.decision ?? nothing
}

/** Whether a list is absent, empty, or has the value. */
function covers(list: string[] | undefined, value: string): boolean {
  return !list?.length || list.includes(value)
}

function matches(rule: AuditRule, user: UserInfo, info: RequestInfo): boolean {
  if (!covers(rule.users, user.name) || !covers(rule.verbs, info.verb)) return false
  if (rule.userGroups?.length && !user.groups.some((group) => rule.userGroups!.includes(group))) return false
  if (rule.namespaces?.length || rule.resources?.length) return matchesResource(rule, info)
  if (rule.nonResourceURLs?.length) {
    return !info.isResourceRequest && rule.nonResourceURLs.some((url) => matchesPath(url, info.path))
  }
  return true
}

function matchesPath(spec: string, path: string): boolean {
  return spec === path || (spec.endsWith('*') && path.startsWith(spec.replace(/\*+$/, '')))
}

function matchesResource(rule: AuditRule, info: RequestInfo): boolean {
  if (!info.isResourceRequest || !covers(rule.namespaces, info.namespace)) return false
  if (!rule.resources?.length) return true
  return rule.resources.some(({ group = '', resources = [], resourceNames }) => {
    if (group !== '*' && group !== info.apiGroup) return false
    if (resources.length === 0) return true
    return covers(resourceNames, info.name) && resources.some((pattern) => matchesPattern(pattern, info))
  })
}

function matchesPattern(pattern: string, { resource, subresource }: RequestInfo): boolean {
  return (
    pattern === '*' ||
    pattern === (subresource ? `${resource}/${subresource}` : resource) ||
    (subresource !== '' && pattern === `*/${subresource}`) ||
    pattern === `${resource}/*`
  )
}
