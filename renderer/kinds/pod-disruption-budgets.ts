import { ShieldHalf } from '@lucide/vue'
import { h } from 'vue'
import type { PodDisruptionBudget } from '../../core/api/generated/policy-v1.ts'
import { resources } from '../../core/api/resources.ts'
import BudgetState from '../components/sections/BudgetState.vue'
import SelectedPods from '../components/sections/SelectedPods.vue'
import * as column from '../kit/columns.ts'
import { defineKindView, type KindColumn } from '../kit/kind-view.ts'
import { toneOfCount } from '../kit/tone.ts'

interface RowData {
  healthy?: number
  desired?: number
  expected?: number
  allowed?: number
}

const healthy: KindColumn = {
  id: 'healthy',
  title: 'budget.healthy',
  width: 110,
  sortKey: ({ row }) => ((row.data ?? {}) as RowData).healthy ?? 0,
  render: ({ row }) => {
    const { healthy: have = 0, desired = 0, expected = 0 } = (row.data ?? {}) as RowData
    return h('span', { class: `tone-${toneOfCount(have, desired)} tabular` }, `${have}/${expected}`)
  },
}

const allowed: KindColumn = {
  id: 'allowed',
  title: 'budget.allowed',
  width: 120,
  align: 'right',
  sortKey: ({ row }) => ((row.data ?? {}) as RowData).allowed ?? 0,
  render: ({ row }) => {
    const count = ((row.data ?? {}) as RowData).allowed ?? 0
    return h('span', { class: [count ? 'tone-ok' : 'tone-warn', 'tabular'] }, count)
  },
}

/** PodDisruptionBudgets. */
export const podDisruptionBudgets = defineKindView<PodDisruptionBudget>({
  resource: resources.podDisruptionBudgets,
  section: 'config',
  order: 60,
  icon: ShieldHalf,
  title: 'kind.podDisruptionBudgets',
  columns: [
    column.nameColumn(),
    column.namespaceColumn(),
    column.cellColumn('minAvailable', 'Min Available', { title: 'budget.minAvailable', width: 116 }),
    column.cellColumn('maxUnavailable', 'Max Unavailable', { title: 'budget.maxUnavailable', width: 130 }),
    healthy,
    allowed,
    column.labelsColumn(),
    column.ageColumn(),
  ],
  sections: [
    { id: 'budget', title: 'section.budget', component: BudgetState },
    { id: 'pods', title: 'kind.pods', component: SelectedPods },
  ],
  emptyHint: 'hint.budgets',
})
