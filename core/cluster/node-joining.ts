import type { ClusterRole, ClusterRoleBinding, Role, RoleBinding } from '../api/generated/rbac-v1.ts'
import type { Resource } from '../api/gvk.ts'
import type { KubeObject } from '../api/meta.ts'
import { resources } from '../api/resources.ts'

const apiGroup = 'rbac.authorization.k8s.io'
/** The group of the bootstrap tokens that kubeadm makes for joining nodes. */
const joiningNodes = 'system:bootstrappers:kubeadm:default-node-token'
const approvals = 'system:certificates.k8s.io:certificatesigningrequests'

function bind(name: string, role: string, group: string): ClusterRoleBinding {
  return {
    metadata: { name },
    roleRef: { apiGroup, kind: 'ClusterRole', name: role },
    subjects: [{ apiGroup, kind: 'Group', name: group }],
  }
}

const getNodes: ClusterRole = {
  metadata: { name: 'kubeadm:get-nodes' },
  rules: [{ apiGroups: [''], resources: ['nodes'], verbs: ['get'] }],
}
const clusterInfo = { name: 'kubeadm:bootstrap-signer-clusterinfo', namespace: 'kube-public' }
const readClusterInfo: Role = {
  metadata: clusterInfo,
  rules: [{ apiGroups: [''], resources: ['configmaps'], resourceNames: ['cluster-info'], verbs: ['get'] }],
}
const anonymousReads: RoleBinding = {
  metadata: clusterInfo,
  roleRef: { apiGroup, kind: 'Role', name: clusterInfo.name },
  subjects: [{ apiGroup, kind: 'User', name: 'system:anonymous' }],
}

/**
 * What lets a node join by a bootstrap token, renew its certificate, and verify the cluster before it has any credentials
 * (upstream: cmd/kubeadm/app/phases/bootstraptoken).
 */
export const nodeJoiningPolicy: ReadonlyArray<{ resource: Resource; object: KubeObject }> = [
  { resource: resources.roles, object: readClusterInfo },
  { resource: resources.roleBindings, object: anonymousReads },
  { resource: resources.clusterRoles, object: getNodes },
  ...[
    bind('kubeadm:get-nodes', 'kubeadm:get-nodes', joiningNodes),
    bind('kubeadm:kubelet-bootstrap', 'system:node-bootstrapper', joiningNodes),
    bind('kubeadm:node-autoapprove-bootstrap', `${approvals}:nodeclient`, joiningNodes),
    bind('kubeadm:node-autoapprove-certificate-rotation', `${approvals}:selfnodeclient`, 'system:nodes'),
  ].map((object) => ({ resource: resources.clusterRoleBindings, object })),
]
