import { ShieldCheck } from '@lucide/vue'
import type { ClusterRole } from '../../core/api/generated/rbac-v1.ts'
import { resources } from '../../core/api/resources.ts'
import RoleHolders from '../components/sections/RoleHolders.vue'
import RoleRules from '../components/sections/RoleRules.vue'
import * as column from '../kit/columns.ts'
import { defineKindView } from '../kit/kind-view.ts'

/** ClusterRoles. */
export const clusterRoles = defineKindView<ClusterRole>({
  resource: resources.clusterRoles,
  section: 'access',
  order: 40,
  icon: ShieldCheck,
  title: 'kind.clusterRoles',
  columns: [column.nameColumn(), column.labelsColumn(), column.ageColumn()],
  sections: [
    { id: 'rules', title: 'section.rules', component: RoleRules },
    { id: 'holders', title: 'section.holders', component: RoleHolders },
  ],
  emptyHint: 'hint.roles',
})
