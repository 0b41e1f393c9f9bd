import { ShieldHalf } from '@lucide/vue'
import { h } from 'vue'
import type { NetworkPolicy } from '../../core/api/generated/networking-v1.ts'
import { resources } from '../../core/api/resources.ts'
import MatchedPods from '../components/MatchedPods.vue'
import PolicyPods from '../components/sections/PolicyPods.vue'
import PolicyTraffic from '../components/sections/PolicyTraffic.vue'
import * as column from '../kit/columns.ts'
import { cellText } from '../kit/cell-text.ts'
import { defineKindView, type CellInput, type KindColumn } from '../kit/kind-view.ts'

/** How many pods the policy is for, and which. A selector that names no pods means all of them, where the server prints `<none>`. */
const pods: KindColumn = {
  id: 'selector',
  title: 'traffic.forPods',
  width: 200,
  grow: 3,
  sortKey: ({ cell }) => cellText(cell('Pod-Selector')),
  render: ({ row, cell }) => {
    const selector = cellText(cell('Pod-Selector'))
    return h(MatchedPods, {
      namespace: row.namespace ?? '',
      selector: column.isAbsent(selector) ? '' : selector,
    })
  },
}

/** How many rules let traffic of one direction pass. */
function directionColumn(id: 'ingress' | 'egress'): KindColumn {
  const [title, closed] =
    id === 'ingress'
      ? (['traffic.incoming', 'traffic.nobodyIn'] as const)
      : (['traffic.outgoing', 'traffic.nobodyOut'] as const)
  const rulesOf = ({ row }: CellInput): number | undefined => (row.data as Record<string, number>)?.[id]
  return {
    id,
    title,
    width: 120,
    grow: 1,
    sortKey: (input) => rulesOf(input) ?? -1,
    render: (input) => {
      const rules = rulesOf(input)
      if (rules === undefined) return h('span', { class: 'muted' }, input.t('traffic.open'))
      return column.plainText(rules ? input.t('traffic.rules', { n: rules }) : input.t(closed))
    },
  }
}

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
    pods,
    directionColumn('ingress'),
    directionColumn('egress'),
    column.labelsColumn(),
    column.ageColumn(),
  ],
  sections: [
    { id: 'traffic', title: 'section.traffic', component: PolicyTraffic },
    { id: 'pods', title: 'kind.pods', component: PolicyPods },
  ],
  emptyHint: 'hint.networkPolicies',
})
