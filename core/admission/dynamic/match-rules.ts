import type { NamedRuleWithOperations } from '../../api/generated/admissionregistration-v1.ts'
import type { AdmissionAttributes, EquivalentResource } from '../../api/request.ts'
import { matchesRule } from './request-rules.ts'

/** That rules are about a request, and in what form its objects are wanted where that is not the request's own. */
export interface RuleMatch {
  equivalent?: EquivalentResource
}

/**
 * Holds rules against the request's own resource, then, unless matchPolicy is Exact, against its equivalents (upstream:
 * plugin/policy/matching matchesResourceRules). Undefined when none is about it.
 */
export function matchRules(
  rules: readonly NamedRuleWithOperations[],
  matchPolicy: string | undefined,
  attributes: AdmissionAttributes,
): RuleMatch | undefined {
  if (rules.some((rule) => matchesRule(rule, attributes))) return {}
  if (matchPolicy === 'Exact') return undefined
  for (const rule of rules) {
    const equivalent = attributes
      .equivalents?.()
      .find(({ resource }) => matchesRule(rule, { ...attributes, resource }))
    if (equivalent) return { equivalent }
  }
  return undefined
}
