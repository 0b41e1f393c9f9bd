import { Link2 } from '@lucide/vue'
import type { RoleBinding } from '../../core/api/generated/rbac-v1.ts'
import { resources } from '../../core/api/resources.ts'
import BindingGrant from '../components/sections/BindingGrant.vue'
import * as column from '../kit/columns.ts'
import { defineKindView } from '../kit/kind-view.ts'

/** RoleBindings. */
export const roleBindings = defineKindView<RoleBinding>({
  resource: resources.roleBindings,
  section: 'access',
  order: 30,
  icon: Link2,
  title: 'kind.roleBindings',
  columns: [
    column.nameColumn(),
    column.namespaceColumn(),
    column.cellColumn('role', 'Role', { title: 'access.role', width: 180, grow: 2 }),
    column.cellColumn('users', 'Users', { title: 'access.users', width: 110, grow: 1 }),
    column.cellColumn('groups', 'Groups', { title: 'access.groups', width: 110, grow: 1 }),
    column.cellColumn('accounts', 'ServiceAccounts', { title: 'kind.serviceAccounts', width: 130, grow: 1 }),
    column.labelsColumn(),
    column.ageColumn(),
  ],
  sections: [{ id: 'grant', title: 'section.grant', component: BindingGrant }],
  emptyHint: 'hint.bindings',
})
