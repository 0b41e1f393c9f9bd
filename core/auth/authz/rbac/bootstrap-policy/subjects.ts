import type { ClusterRoleBinding, RoleBinding, Subject } from '../../../../api/generated/rbac-v1.ts'

const apiGroup = 'rbac.authorization.k8s.io'

export function user(name: string): Subject {
  return { apiGroup, kind: 'User', name }
}

export function userGroup(name: string): Subject {
  return { apiGroup, kind: 'Group', name }
}

export function serviceAccount(namespace: string, name: string): Subject {
  return { kind: 'ServiceAccount', name, namespace }
}

/** A ClusterRoleBinding named as the role it binds. */
export function bindClusterRole(role: string, subjects: Subject[]): ClusterRoleBinding {
  const binding: ClusterRoleBinding = {
    metadata: { name: role },
    roleRef: { apiGroup, kind: 'ClusterRole', name: role },
  }
  return subjects.length > 0 ? { ...binding, subjects } : binding
}

/** A RoleBinding of a role in its own namespace. */
export function bindRole(
  metadata: { name: string; namespace: string },
  role: string,
  subjects: Subject[],
): RoleBinding {
  return { metadata, roleRef: { apiGroup, kind: 'Role', name: role }, subjects }
}
