import { Box } from '@lucide/vue'
import { h } from 'vue'
import type { Pod } from '../../core/api/generated/core-v1.ts'
import { resources } from '../../core/api/resources.ts'
import ContainerSquares from '../components/ContainerSquares.vue'
import PodContainers from '../components/sections/PodContainers.vue'
import PodPlacement from '../components/sections/PodPlacement.vue'
import PodScheduling from '../components/sections/PodScheduling.vue'
import PodTraffic from '../components/sections/PodTraffic.vue'
import PodUsage from '../components/sections/PodUsage.vue'
import PodVolumes from '../components/sections/PodVolumes.vue'
import type { ActionTarget } from '../kit/action.ts'
import { cellText } from '../kit/cell-text.ts'
import * as column from '../kit/columns.ts'
import { diagnosePod } from '../kit/diagnose-pod.ts'
import { defineKindView, type KindColumn } from '../kit/kind-view.ts'
import { evictAction, logsAction, portForwardAction, shellAction } from '../kit/pod-actions.ts'
import { containersOf, restartsOf } from '../kit/pod-row.ts'
import { podRowTone } from '../kit/pod-phases.ts'
import { podSummary } from '../kit/pod-status.ts'
import { usageColumns } from '../kit/usage-columns.ts'
import { podSubject } from '../kit/usage-row.ts'

const containers: KindColumn = {
  id: 'containers',
  title: 'column.containers',
  width: 92,
  sortKey: (input) => containersOf(input).length,
  render: (input) => h(ContainerSquares, { containers: containersOf(input) }),
}

const restarts: KindColumn = {
  id: 'restarts',
  title: 'column.restarts',
  width: 86,
  align: 'right',
  sortKey: (input) => -restartsOf(input),
  render: (input) => {
    const n = restartsOf(input)
    return h(
      'span',
      { class: ['tabular', n > 0 ? 'tone-warn' : 'muted'], title: cellText(input.cell('Restarts')) },
      n,
    )
  },
}

/** Pods. */
export const pods = defineKindView<Pod>({
  resource: resources.pods,
  section: 'workloads',
  order: 10,
  icon: Box,
  title: 'kind.pods',
  columns: [
    { ...column.nameColumn(), width: 164 },
    { ...column.namespaceColumn(), width: 100 },
    containers,
    { ...column.ratioColumn('ready', 'Ready', 'column.ready'), hidden: true },
    column.statusColumn('Status', podRowTone),
    restarts,
    ...usageColumns(podSubject),
    column.cellColumn('node', 'Node', { title: 'column.node', width: 100, grow: 1 }),
    column.cellColumn('ip', 'IP', { title: 'column.ip', width: 112, hidden: true }),
    { ...column.ownerColumn(), hidden: true },
    column.labelsColumn(),
    column.ageColumn(),
  ],
  summary: podSummary,
  sections: [
    {
      id: 'scheduling',
      title: 'section.scheduling',
      component: PodScheduling,
      when: ({ spec, status }) => !spec.nodeName && status?.phase === 'Pending',
    },
    { id: 'placement', title: 'section.pod', component: PodPlacement },
    {
      id: 'usage',
      title: 'usage.title',
      component: PodUsage,
      when: ({ status }) => status?.phase === 'Running',
    },
    { id: 'containers', title: 'section.containers', component: PodContainers },
    { id: 'traffic', title: 'section.traffic', component: PodTraffic },
    {
      id: 'volumes',
      title: 'section.volumes',
      component: PodVolumes,
      when: (pod) => Boolean(pod.spec.volumes?.length),
    },
  ],
  actions: [logsAction, { ...shellAction, when: isRunning }, portForwardAction, evictAction],
  diagnose: diagnosePod,
  logs: 'pod',
  emptyHint: 'hint.pods',
})

/** A shell needs a container that runs; a row whose state is not known gets the benefit of the doubt. */
function isRunning({ row, object }: ActionTarget): boolean {
  if (object) return (object as Pod).status?.containerStatuses?.some(({ state }) => state?.running) ?? false
  const projected = row?.data?.containers
  if (Array.isArray(projected)) return projected.some(({ state }: { state?: string }) => state === 'running')
  return !row?.cells.some((cell) => cell === 'Completed' || cell === 'Pending')
}
