import type { Authorizer } from '../authorizer.ts'
import { aggregateErrors } from './aggregate-errors.ts'
import type { PolicySource } from './policy-source.ts'
import { ruleAllows } from './rule-allows.ts'
import { visitRules } from './rule-resolver.ts'

/**
 * Role-based access control (upstream: plugin/pkg/auth/authorizer/rbac): a request is allowed when a rule of a role bound
 * to the user, or to a group of the user, allows it. The reason tells which binding, or which roles are missing.
 */
export function createRbacAuthorizer(policy: PolicySource): Authorizer {
  return {
    authorize(attributes) {
      const errors: string[] = []
      let allowedBy: (() => string) | undefined
      const namespace = attributes.isResourceRequest ? attributes.namespace : ''
      visitRules(policy, { user: attributes.user, namespace }, ({ rule, error, source }) => {
        if (error !== undefined) errors.push(error)
        if (!rule || !ruleAllows(rule, attributes)) return false
        allowedBy = source
        return true
      })
      if (allowedBy) return { allowed: true, reason: `RBAC: allowed by ${allowedBy()}` }
      if (errors.length > 0) return { allowed: false, reason: `RBAC: ${aggregateErrors(errors)}` }
      return { allowed: false }
    },
  }
}
