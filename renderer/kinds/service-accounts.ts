import { IdCard } from '@lucide/vue'
import type { ServiceAccount } from '../../core/api/generated/core-v1.ts'
import { resources } from '../../core/api/resources.ts'
import AccountRights from '../components/sections/AccountRights.vue'
import AccountRules from '../components/sections/AccountRules.vue'
import * as column from '../kit/columns.ts'
import { defineKindView } from '../kit/kind-view.ts'

/** ServiceAccounts. */
export const serviceAccounts = defineKindView<ServiceAccount>({
  resource: resources.serviceAccounts,
  section: 'access',
  order: 10,
  icon: IdCard,
  title: 'kind.serviceAccounts',
  columns: [column.nameColumn(), column.namespaceColumn(), column.labelsColumn(), column.ageColumn()],
  sections: [
    { id: 'rights', title: 'section.rights', component: AccountRights },
    { id: 'rules', title: 'section.allowed', component: AccountRules },
  ],
})
