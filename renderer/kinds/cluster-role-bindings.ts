import { Link2 } from '@lucide/vue'
import type { ClusterRoleBinding } from '../../core/api/generated/rbac-v1.ts'
import { resources } from '../../core/api/resources.ts'
import BindingGrant from '../components/sections/BindingGrant.vue'
import * as column from '../kit/columns.ts'
import { defineKindView } from '../kit/kind-view.ts'

/** ClusterRoleBindings. */
export const clusterRoleBindings = defineKindView<ClusterRoleBinding>({
  resource: resources.clusterRoleBindings,
  section: 'access',
  order: 50,
  icon: Link2,
  title: 'kind.clusterRoleBindings',
  columns: [...column.grantColumns(), column.labelsColumn(), column.ageColumn()],
  sections: [{ id: 'grant', title: 'section.grant', component: BindingGrant }],
  emptyHint: 'hint.bindings',
})
