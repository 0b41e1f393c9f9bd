import type { PolicyRule } from '../../../api/generated/rbac-v1.ts'
import { pathCovers } from './rule-allows.ts'

/**
 * The parts of `wanted` that `held` does not cover, each with one verb, group, resource and name, or one path (upstream:
 * component-helpers/auth/rbac/validation Covers). Empty when everything is covered.
 */
export function uncovered(held: PolicyRule[], wanted: PolicyRule[]): PolicyRule[] {
  return wanted.flatMap(breakDown).filter((part) => !held.some((rule) => covers(rule, part)))
}

function breakDown({ verbs, ...rule }: PolicyRule): PolicyRule[] {
  const parts: PolicyRule[] = []
  const { apiGroups = [], resources = [], resourceNames = [], nonResourceURLs = [] } = rule
  for (const group of apiGroups) {
    for (const resource of resources) {
      for (const verb of verbs) {
        const part = { apiGroups: [group], resources: [resource], verbs: [verb] }
        if (resourceNames.length === 0) parts.push(part)
        else for (const name of resourceNames) parts.push({ ...part, resourceNames: [name] })
      }
    }
  }
  for (const path of nonResourceURLs) {
    for (const verb of verbs) parts.push({ nonResourceURLs: [path], verbs: [verb] })
  }
  return parts
}

function covers(rule: PolicyRule, part: PolicyRule): boolean {
  return (
    hasAll(rule.verbs, part.verbs, '*') &&
    hasAll(rule.apiGroups, part.apiGroups, '*') &&
    coversResources(rule.resources ?? [], part.resources ?? []) &&
    coversNames(rule.resourceNames ?? [], part.resourceNames ?? []) &&
    coversPaths(rule.nonResourceURLs ?? [], part.nonResourceURLs ?? [])
  )
}

function hasAll(held: string[] = [], wanted: string[] = [], all?: string): boolean {
  return (all !== undefined && held.includes(all)) || wanted.every((one) => held.includes(one))
}

function coversResources(held: string[], wanted: string[]): boolean {
  if (hasAll(held, wanted, '*')) return true
  return wanted.every((resource) => {
    if (held.includes(resource)) return true
    const slash = resource.indexOf('/')
    return slash >= 0 && held.includes(`*${resource.slice(slash)}`)
  })
}

function coversNames(held: string[], wanted: string[]): boolean {
  return held.length === 0 || (wanted.length > 0 && hasAll(held, wanted))
}

function coversPaths(held: string[], wanted: string[]): boolean {
  return wanted.every((path) => held.some((pattern) => pathCovers(pattern, path)))
}
