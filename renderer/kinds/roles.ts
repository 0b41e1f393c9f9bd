import { ShieldCheck } from '@lucide/vue'
import type { Role } from '../../core/api/generated/rbac-v1.ts'
import { resources } from '../../core/api/resources.ts'
import RoleHolders from '../components/sections/RoleHolders.vue'
import RoleRules from '../components/sections/RoleRules.vue'
import * as column from '../kit/columns.ts'
import { defineKindView } from '../kit/kind-view.ts'

/** Roles. */
export const roles = defineKindView<Role>({
  resource: resources.roles,
  section: 'access',
  order: 20,
  icon: ShieldCheck,
  title: 'kind.roles',
  columns: [column.nameColumn(), column.namespaceColumn(), column.labelsColumn(), column.ageColumn()],
  sections: [
    { id: 'rules', title: 'section.rules', component: RoleRules },
    { id: 'holders', title: 'section.holders', component: RoleHolders },
  ],
  emptyHint: 'hint.roles',
})
