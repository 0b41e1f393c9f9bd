import type { ClusterRoleBinding } from '../../api/generated/rbac-v1.ts'
import { defineKind } from '../../registry/kind.ts'
import { bindingBehaviour } from './binding.ts'

export const clusterRoleBinding = defineKind<ClusterRoleBinding>({
  group: 'rbac.authorization.k8s.io',
  version: 'v1',
  kind: 'ClusterRoleBinding',
  namespaced: false,
  names: { plural: 'clusterrolebindings', singular: 'clusterrolebinding' },
  schema: 'io.k8s.api.rbac.v1.ClusterRoleBinding',
  ...bindingBehaviour({ roleKinds: ['ClusterRole'], isNamespaced: false }),
})
