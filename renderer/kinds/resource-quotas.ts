import { CircleGauge } from '@lucide/vue'
import { h } from 'vue'
import type { LiveRow } from '../../core/api/live.ts'
import type { ResourceQuota } from '../../core/api/generated/core-v1.ts'
import { resources } from '../../core/api/resources.ts'
import QuotaBars from '../components/sections/QuotaBars.vue'
import ShareLine from '../components/ShareLine.vue'
import * as column from '../kit/columns.ts'
import { defineKindView, type KindColumn } from '../kit/kind-view.ts'
import { quotaRows, type QuotaRow } from '../kit/quota-rows.ts'

function rowsOf({ data }: LiveRow): QuotaRow[] {
  const { hard, used } = (data ?? {}) as { hard?: Record<string, string>; used?: Record<string, string> }
  return quotaRows(hard, used)
}

const fullest: KindColumn = {
  id: 'fullest',
  title: 'quota.fullest',
  width: 260,
  grow: 3,
  sortKey: ({ row }) => -(rowsOf(row)[0]?.share ?? 0),
  render: ({ row, t }) => {
    const [first] = rowsOf(row)
    if (!first) return column.plainText('')
    const text = `${first.name} ${t('quota.usedOf', { used: first.used, hard: first.hard })}`
    return h(ShareLine, { share: first.share, tone: first.tone, text })
  },
}

/** ResourceQuotas. */
export const resourceQuotas = defineKindView<ResourceQuota>({
  resource: resources.resourceQuotas,
  section: 'config',
  order: 30,
  icon: CircleGauge,
  title: 'kind.resourceQuotas',
  columns: [
    column.nameColumn(),
    column.namespaceColumn(),
    fullest,
    column.cellColumn('request', 'Request', { title: 'usage.requests', width: 160, hidden: true }),
    column.cellColumn('limit', 'Limit', { title: 'usage.limits', width: 160, hidden: true }),
    column.labelsColumn(),
    column.ageColumn(),
  ],
  sections: [{ id: 'quota', title: 'section.quota', component: QuotaBars }],
  diagnose: ({ status }) =>
    quotaRows(status?.hard, status?.used)
      .filter(({ share, hard }) => share >= 1 && hard !== '0')
      .map(({ name, used, hard }) => ({
        tone: 'warn',
        text: 'finding.quotaFull',
        params: { name, used, hard },
      })),
  emptyHint: 'hint.quotas',
})
