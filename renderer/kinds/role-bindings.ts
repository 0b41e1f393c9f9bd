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
  columns: [...column.grantColumns(column.namespaceColumn()), column.labelsColumn(), column.ageColumn()],
  sections: [{ id: 'grant', title: 'section.grant', component: BindingGrant }],
  emptyHint: 'hint.bindings',
})
