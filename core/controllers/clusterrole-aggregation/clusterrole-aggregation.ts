import type { ClusterRole, PolicyRule } from '../../api/generated/rbac-v1.ts'
import { resources } from '../../api/resources.ts'
import { labelMatcher } from '../../api/selectors.ts'
import { isNotFound } from '../../api/status.ts'
import { deepEqual } from '../../client/deep-equal.ts'
import type { Lister } from '../../client/indexer.ts'
import type { Controller, ControllerDependencies } from '../kit/controller.ts'
import { defineController, watchOf } from '../kit/run-controller.ts'

/**
 * Keeps the rules of every ClusterRole with an aggregationRule equal to those of the roles it selects, by name of the
 * role and without repetition (upstream: pkg/controller/clusterroleaggregation).
 */
export function createClusterRoleAggregationController(dependencies: ControllerDependencies): Controller {
  const { client, informers } = dependencies
  const { store } = informers.informer(resources.clusterRoles)
  return defineController(dependencies, {
    name: 'clusterrole-aggregation',
    for: resources.clusterRoles,
    filter: () => false,
    // Any role may be selected by any other, and there are few: each change asks all that aggregate.
    watches: [
      watchOf(resources.clusterRoles, () =>
        store.list().flatMap((role) => (role.aggregationRule ? [role.metadata.name] : [])),
      ),
    ],
    async reconcile({ object: role }) {
      if (!role?.aggregationRule || role.metadata.deletionTimestamp) return
      const rules = aggregate(role, store)
      if (deepEqual(rules, role.rules)) return
      const { name } = role.metadata
      try {
        await client.patch(
          resources.clusterRoles,
          { name },
          {
            type: 'apply',
            fieldManager: 'clusterrole-aggregation-controller',
            force: true,
            body: {
              apiVersion: 'rbac.authorization.k8s.io/v1',
              kind: 'ClusterRole',
              metadata: { name },
              rules,
            },
          },
        )
      } catch (error) {
        if (!isNotFound(error)) throw error
      }
    },
  })
}

function aggregate(role: ClusterRole, roles: Lister<ClusterRole>): PolicyRule[] {
  const rules: PolicyRule[] = []
  const byName = roles.list().toSorted((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1))
  for (const selector of role.aggregationRule?.clusterRoleSelectors ?? []) {
    const matches = labelMatcher(selector)
    for (const other of byName) {
      if (other.metadata.name === role.metadata.name || !matches(other.metadata.labels)) continue
      for (const rule of other.rules ?? []) {
        if (!rules.some((known) => deepEqual(known, rule))) rules.push(rule)
      }
    }
  }
  return rules
}
