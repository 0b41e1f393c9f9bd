import type { MatchResources } from '../../api/generated/admissionregistration-v1.ts'
import type { AdmissionAttributes } from '../../api/request.ts'
import { matchRules, type RuleMatch } from '../dynamic/match-rules.ts'
import { compileSelectors, type NamespaceLabels } from '../dynamic/request-selectors.ts'

/** What a policy or binding says it is about. */
export interface ResourceMatcher {
  /** By rules alone, whatever an object is called: what it says of one write holds for all of that resource and operation. */
  mayMatch(attributes: AdmissionAttributes): boolean
  /** Undefined when it is not about the request. Throws a StatusError when a namespace cannot be read. */
  match(attributes: AdmissionAttributes, labels: NamespaceLabels): Promise<RuleMatch | undefined>
}

/** Compiles matchConstraints or matchResources; without any it is about everything (upstream: plugin/policy/matching). */
export function compileResourceMatcher(constraints: MatchResources = {}): ResourceMatcher {
  const { resourceRules = [], excludeResourceRules = [], matchPolicy } = constraints
  const anyName = resourceRules.map(({ resourceNames: _names, ...rule }) => rule)
  const selects = compileSelectors(constraints)
  const isAbout = (attributes: AdmissionAttributes, rules: typeof resourceRules): RuleMatch | undefined =>
    rules.length === 0 ? {} : matchRules(rules, matchPolicy, attributes)
  return {
    mayMatch: (attributes) => isAbout(attributes, anyName) !== undefined,
    async match(attributes, labels) {
      // A namespace that cannot be read matters only to what else would match.
      let problem: { error: unknown } | undefined
      try {
        if (!(await selects(attributes, labels))) return undefined
      } catch (error) {
        problem = { error }
      }
      if (excludeResourceRules.length > 0 && matchRules(excludeResourceRules, matchPolicy, attributes)) {
        return undefined
      }
      const match = isAbout(attributes, resourceRules)
      if (match && problem) throw problem.error
      return match
    },
  }
}
