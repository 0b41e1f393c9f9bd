import { FileClock } from '@lucide/vue'
import type { Lease } from '../../core/api/generated/coordination-v1.ts'
import { resources } from '../../core/api/resources.ts'
import LeaseFacts from '../components/sections/LeaseFacts.vue'
import * as column from '../kit/columns.ts'
import { defineKindView } from '../kit/kind-view.ts'

/** Leases. */
export const leases = defineKindView<Lease>({
  resource: resources.leases,
  section: 'config',
  order: 70,
  icon: FileClock,
  title: 'kind.leases',
  columns: [
    column.nameColumn(),
    column.namespaceColumn(),
    column.cellColumn('holder', 'Holder', { title: 'lease.holder', width: 220, grow: 2 }),
    column.labelsColumn(),
    column.ageColumn(),
  ],
  sections: [{ id: 'lease', title: 'section.lease', component: LeaseFacts }],
  emptyHint: 'hint.leases',
})
