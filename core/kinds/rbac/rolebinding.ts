import type { RoleBinding } from '../../api/generated/rbac-v1.ts'
import { defineKind } from '../../registry/kind.ts'
import { bindingBehaviour } from './binding.ts'

export const roleBinding = defineKind<RoleBinding>({
  group: 'rbac.authorization.k8s.io',
  version: 'v1',
  kind: 'RoleBinding',
  namespaced: true,
  names: { plural: 'rolebindings', singular: 'rolebinding' },
  schema: 'io.k8s.api.rbac.v1.RoleBinding',
  ...bindingBehaviour({ roleKinds: ['Role', 'ClusterRole'], isNamespaced: true }),
})
