import type {
  NonResourceRule,
  ResourceRule,
  SelfSubjectRulesReview,
} from '../../api/generated/authorization-v1.ts'
import type { RequestContext } from '../../api/request.ts'
import { badRequest } from '../../api/status.ts'
import { aggregateErrors } from '../authz/rbac/aggregate-errors.ts'
import type { RuleResolver } from '../authz/rbac/rule-resolver.ts'

/** Lists what the user who asks may do in a namespace, by role bindings. Throws BadRequest without a namespace. */
export function answerRulesReview(
  resolver: RuleResolver,
  review: SelfSubjectRulesReview,
  context: RequestContext,
): SelfSubjectRulesReview {
  const { namespace } = review.spec
  if (!namespace) throw badRequest('no namespace on request')
  const { rules, errors } = resolver.rulesFor(context.user, namespace)
  const resourceRules: ResourceRule[] = []
  const nonResourceRules: NonResourceRule[] = []
  for (const { verbs, apiGroups, resources, resourceNames, nonResourceURLs } of rules) {
    if (resources?.length) {
      const rule: ResourceRule = { verbs, resources }
      if (apiGroups) rule.apiGroups = apiGroups
      if (resourceNames) rule.resourceNames = resourceNames
      resourceRules.push(rule)
    }
    if (nonResourceURLs?.length) nonResourceRules.push({ verbs, nonResourceURLs })
  }
  const evaluation = errors.length > 0 ? { evaluationError: aggregateErrors(errors) } : {}
  // The answer does not repeat the question.
  const { apiVersion, kind } = review
  const type = { ...(kind && { kind }), ...(apiVersion && { apiVersion }) }
  const answer = { ...type, metadata: {}, spec: {} } as SelfSubjectRulesReview
  return { ...answer, status: { resourceRules, nonResourceRules, incomplete: false, ...evaluation } }
}
