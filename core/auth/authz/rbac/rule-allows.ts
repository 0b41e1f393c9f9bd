import type { PolicyRule } from '../../../api/generated/rbac-v1.ts'
import type { AuthorizationAttributes } from '../authorizer.ts'

/** Whether one rule allows a request (upstream: plugin/pkg/auth/authorizer/rbac RuleAllows). */
export function ruleAllows(rule: PolicyRule, attributes: AuthorizationAttributes): boolean {
  if (!hasOrAll(rule.verbs, attributes.verb)) return false
  if (!attributes.isResourceRequest) return coversPath(rule.nonResourceURLs, attributes.path)
  return (
    hasOrAll(rule.apiGroups, attributes.apiGroup) &&
    coversResource(rule.resources, attributes) &&
    (!rule.resourceNames?.length || rule.resourceNames.includes(attributes.name))
  )
}

function hasOrAll(list: string[] | undefined, wanted: string): boolean {
  return list !== undefined && (list.includes(wanted) || list.includes('*'))
}

/** `*` is everything, `pods/log` one subresource, a `*` before the slash that subresource of every resource. */
function coversResource(
  list: string[] | undefined,
  { resource, subresource }: AuthorizationAttributes,
): boolean {
  if (!list) return false
  const combined = subresource ? `${resource}/${subresource}` : resource
  if (hasOrAll(list, combined)) return true
  return subresource !== '' && list.includes(`*/${subresource}`)
}

function coversPath(list: string[] | undefined, path: string): boolean {
  return list?.some((pattern) => pattern === '*' || pathCovers(pattern, path)) === true
}

/** Whether a path is the pattern, or starts with what stands before the pattern's trailing `*`. */
export function pathCovers(pattern: string, path: string): boolean {
  if (pattern === path) return true
  return pattern.endsWith('*') && path.startsWith(pattern.replace(/\*+$/, ''))
}
