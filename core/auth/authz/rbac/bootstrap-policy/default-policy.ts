import type { ClusterRole, ClusterRoleBinding, Role, RoleBinding } from '../../../../api/generated/rbac-v1.ts'
import type { KubeObject } from '../../../../api/meta.ts'
import { clusterControllerRules } from './cluster-controller-rules.ts'
import { componentRoles } from './component-roles.ts'
import { namespaceRoleBindings, namespaceRoles } from './namespace-roles.ts'
import { nodeRoles } from './node-roles.ts'
import { bindClusterRole, serviceAccount, user, userGroup } from './subjects.ts'
import { systemRoles } from './system-roles.ts'
import { userRoles } from './user-roles.ts'
import { volumeControllerRules } from './volume-controller-rules.ts'
import { workloadControllerRules } from './workload-controller-rules.ts'

/** Set to `false` on a default role or binding, it keeps the object as it is at every start. */
export const autoUpdateAnnotation = 'rbac.authorization.kubernetes.io/autoupdate'

/** Roles and bindings that every cluster starts with. */
export interface DefaultPolicy {
  clusterRoles: ClusterRole[]
  clusterRoleBindings: ClusterRoleBinding[]
  roles: Role[]
  roleBindings: RoleBinding[]
}

const authenticated = userGroup('system:authenticated')
const unauthenticated = userGroup('system:unauthenticated')

const componentBindings: ClusterRoleBinding[] = [
  bindClusterRole('cluster-admin', [userGroup('system:masters')]),
  bindClusterRole('system:monitoring', [userGroup('system:monitoring')]),
  bindClusterRole('system:discovery', [authenticated]),
  bindClusterRole('system:basic-user', [authenticated]),
  bindClusterRole('system:public-info-viewer', [authenticated, unauthenticated]),
  bindClusterRole('system:node-proxier', [user('system:kube-proxy')]),
  bindClusterRole('system:kube-controller-manager', [user('system:kube-controller-manager')]),
  bindClusterRole('system:kube-dns', [serviceAccount('kube-system', 'kube-dns')]),
  bindClusterRole('system:kube-scheduler', [user('system:kube-scheduler')]),
  bindClusterRole('system:volume-scheduler', [user('system:kube-scheduler')]),
  bindClusterRole('system:service-account-issuer-discovery', [userGroup('system:serviceaccounts')]),
  // Nodes get theirs through the node authorizer.
  bindClusterRole('system:node', []),
]

function marked<T extends KubeObject>(object: T): T {
  const labels = { ...object.metadata.labels, 'kubernetes.io/bootstrapping': 'rbac-defaults' }
  return {
    ...object,
    metadata: { ...object.metadata, labels, annotations: { [autoUpdateAnnotation]: 'true' } },
  }
}

/** The default policy of Kubernetes 1.36 (upstream: the documented default roles and role bindings). */
export function defaultPolicy(): DefaultPolicy {
  const controllers = Object.entries({
    ...workloadControllerRules,
    ...volumeControllerRules,
    ...clusterControllerRules,
  })
  const controllerRoles = controllers.map(([controller, rules]): ClusterRole => ({
    metadata: { name: `system:controller:${controller}` },
    rules,
  }))
  const controllerBindings = controllers.map(([controller]) =>
    bindClusterRole(`system:controller:${controller}`, [serviceAccount('kube-system', controller)]),
  )
  return {
    clusterRoles: [...userRoles, ...systemRoles, ...nodeRoles, ...componentRoles, ...controllerRoles].map(
      marked,
    ),
    clusterRoleBindings: [...componentBindings, ...controllerBindings].map(marked),
    roles: namespaceRoles.map(marked),
    roleBindings: namespaceRoleBindings.map(marked),
  }
}
