import type { PolicyRule } from '../../api/generated/rbac-v1.ts'
import type { Authorizer } from './authorizer.ts'
import { ruleAllows } from './rbac/rule-allows.ts'

const nodesGroup = 'system:nodes'
const nodeNamePrefix = 'system:node:'

/**
 * Allows nodes what the role system:node lists. Unlike upstream's (plugin/pkg/auth/authorizer/node) it keeps no graph of
 * which node runs which pod, so that a node may read the secrets and claims of pods that run elsewhere.
 */
export function createNodeAuthorizer(rules: PolicyRule[]): Authorizer {
  return {
    authorize(attributes) {
      const { name, groups } = attributes.user
      if (!name.startsWith(nodeNamePrefix) || !groups.includes(nodesGroup)) return { allowed: false }
      return { allowed: rules.some((rule) => ruleAllows(rule, attributes)) }
    },
  }
}
