import { ShieldHalf } from '@lucide/vue'
import type { NetworkPolicy } from '../../core/api/generated/networking-v1.ts'
import { resources } from '../../core/api/resources.ts'
import PolicyPods from '../components/sections/PolicyPods.vue'
import PolicyTraffic from '../components/sections/PolicyTraffic.vue'
import * as column from '../kit/columns.ts'
import { defineKindView } from '../kit/kind-view.ts'

/** NetworkPolicies. */
export const networkPolicies = defineKindView<NetworkPolicy>({
  resource: resources.networkPolicies,
  section: 'network',
  order: 60,
  icon: ShieldHalf,
  title: 'kind.networkPolicies',
  columns: [
    column.nameColumn(),
    column.namespaceColumn(),
    column.cellColumn('selector', 'Pod-Selector', { title: 'traffic.forPods', width: 180, grow: 2 }),
    column.labelsColumn(),
    column.ageColumn(),
  ],
  sections: [
    { id: 'traffic', title: 'section.traffic', component: PolicyTraffic },
    { id: 'pods', title: 'kind.pods', component: PolicyPods },
  ],
  emptyHint: 'hint.networkPolicies',
})
