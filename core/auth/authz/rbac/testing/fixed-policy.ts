import type { ClusterRole, ClusterRoleBinding, Role, RoleBinding } from '../../../../api/generated/rbac-v1.ts'
import type { PolicySource } from '../policy-source.ts'
import { subjectKey } from '../subjects.ts'

/** A policy that does not change, for tests without an API server. */
export function createFixedPolicy(objects: {
  roles?: Role[]
  clusterRoles?: ClusterRole[]
  roleBindings?: RoleBinding[]
  clusterRoleBindings?: ClusterRoleBinding[]
}): PolicySource {
  const { roles = [], clusterRoles = [], roleBindings = [], clusterRoleBindings = [] } = objects
  const binds = (binding: RoleBinding, subject: string): boolean =>
    binding.subjects?.some((one) => subjectKey(one, binding.metadata.namespace ?? '') === subject) === true
  return {
    role: (namespace, name) =>
      roles.find(({ metadata }) => metadata.namespace === namespace && metadata.name === name),
    clusterRole: (name) => clusterRoles.find(({ metadata }) => metadata.name === name),
    clusterRoleBindings: (subject) => clusterRoleBindings.filter((binding) => binds(binding, subject)),
    roleBindings: (namespace, subject) =>
      roleBindings.filter((binding) => binding.metadata.namespace === namespace && binds(binding, subject)),
  }
}
