import { Scaling } from '@lucide/vue'
import { h } from 'vue'
import type { HorizontalPodAutoscaler } from '../../core/api/generated/autoscaling-v2.ts'
import { resources } from '../../core/api/resources.ts'
import AgeText from '../components/AgeText.vue'
import AutoscalerMetrics from '../components/sections/AutoscalerMetrics.vue'
import AutoscalerScale from '../components/sections/AutoscalerScale.vue'
import StatusText from '../components/StatusText.vue'
import type { MessageKey } from '../i18n/text.ts'
import { diagnoseAutoscaler, replicasAhead } from '../kit/autoscaler.ts'
import { cellText } from '../kit/cell-text.ts'
import * as column from '../kit/columns.ts'
import { defineKindView, type CellInput, type KindColumn } from '../kit/kind-view.ts'
import type { Tone } from '../kit/tone.ts'

interface RowData {
  min?: number
  max?: number
  current?: number
  desired?: number
  lastScale?: string
  conditions?: { type: string; status: string; reason?: string }[]
}

function stateOf({ row }: CellInput): { text: MessageKey; tone: Tone } {
  const { conditions = [], min, current = 0, desired = 0 } = (row.data ?? {}) as RowData
  const is = (type: string, status: string): boolean =>
    conditions.some((condition) => condition.type === type && condition.status === status)
  const isOff = conditions.some(({ reason }) => reason === 'ScalingDisabled')
  if (isOff) return { text: 'autoscaler.off', tone: 'off' }
  if (is('AbleToScale', 'False')) return { text: 'autoscaler.cannotScale', tone: 'bad' }
  if (is('ScalingActive', 'False')) return { text: 'autoscaler.cannotMeasure', tone: 'bad' }
  if (replicasAhead({ min, current, desired }) !== undefined)
    return { text: 'autoscaler.scaling', tone: 'progress' }
  if (is('ScalingLimited', 'True')) return { text: 'autoscaler.limited', tone: 'warn' }
  return conditions.length
    ? { text: 'autoscaler.steady', tone: 'ok' }
    : { text: 'autoscaler.fresh', tone: 'progress' }
}

const state: KindColumn = {
  id: 'status',
  title: 'column.status',
  width: 140,
  grow: 1,
  sortKey: (input) => input.t(stateOf(input).text),
  render: (input) => {
    const { text, tone } = stateOf(input)
    return h(StatusText, { text: input.t(text), tone })
  },
}

const replicas: KindColumn = {
  id: 'replicas',
  title: 'action.replicas',
  width: 100,
  sortKey: ({ row }) => ((row.data ?? {}) as RowData).current ?? 0,
  render: ({ row }) => {
    const { min = 1, max = 0, current = 0, desired = 0 } = (row.data ?? {}) as RowData
    const ahead = replicasAhead({ min, current, desired })
    const count = ahead === undefined ? String(current) : `${current} → ${ahead}`
    return h('span', { class: 'tabular' }, [count, h('span', { class: 'muted' }, ` (${min}–${max})`)])
  },
}

/** What is measured against what is aimed at, with a dash for what is not known. */
const targets: KindColumn = {
  ...column.cellColumn('targets', 'Targets', { title: 'autoscaler.targets', width: 160, grow: 2 }),
  render: ({ cell }) => column.plainText(cellText(cell('Targets')).replaceAll('<unknown>', '–')),
}

const lastScale: KindColumn = {
  id: 'lastScale',
  title: 'autoscaler.lastScale',
  width: 100,
  hidden: true,
  align: 'right',
  sortKey: ({ row }) => -Date.parse(((row.data ?? {}) as RowData).lastScale ?? '0'),
  render: ({ row }) => h(AgeText, { at: ((row.data ?? {}) as RowData).lastScale }),
}

/** HorizontalPodAutoscalers. */
export const horizontalPodAutoscalers = defineKindView<HorizontalPodAutoscaler>({
  resource: resources.horizontalPodAutoscalers,
  section: 'config',
  order: 50,
  icon: Scaling,
  title: 'kind.horizontalPodAutoscalers',
  columns: [
    column.nameColumn(),
    column.namespaceColumn(),
    column.cellColumn('reference', 'Reference', { title: 'autoscaler.scales', width: 150, grow: 1 }),
    targets,
    replicas,
    state,
    lastScale,
    column.labelsColumn(),
    column.ageColumn(),
  ],
  sections: [
    { id: 'scale', title: 'section.scale', component: AutoscalerScale },
    { id: 'metrics', title: 'section.metrics', component: AutoscalerMetrics },
  ],
  diagnose: diagnoseAutoscaler,
  emptyHint: 'hint.autoscalers',
})
