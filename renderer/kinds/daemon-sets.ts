import { Grid2x2 } from '@lucide/vue'
import type { DaemonSet } from '../../core/api/generated/apps-v1.ts'
import { resources } from '../../core/api/resources.ts'
import ControllerRevisions from '../components/sections/ControllerRevisions.vue'
import PodTemplate from '../components/sections/PodTemplate.vue'
import RolloutProgress from '../components/sections/RolloutProgress.vue'
import SelectedPods from '../components/sections/SelectedPods.vue'
import WorkloadUsage from '../components/sections/WorkloadUsage.vue'
import * as column from '../kit/columns.ts'
import { defineKindView } from '../kit/kind-view.ts'
import { logsAction } from '../kit/pod-actions.ts'
import { diagnoseRollout } from '../kit/rollout-progress.ts'
import { toneOfCount } from '../kit/tone.ts'
import { restartAction, undoAction } from '../kit/workload-actions.ts'

/** DaemonSets. */
export const daemonSets = defineKindView<DaemonSet>({
  resource: resources.daemonSets,
  section: 'workloads',
  order: 50,
  icon: Grid2x2,
  title: 'kind.daemonSets',
  columns: [
    column.nameColumn(),
    column.namespaceColumn(),
    column.cellColumn('desired', 'Desired', { title: 'column.desired', width: 90, align: 'right' }),
    column.cellColumn('ready', 'Ready', { title: 'column.ready', width: 90, align: 'right' }),
    column.cellColumn('updated', 'Up-to-date', { title: 'column.updated', width: 96, align: 'right' }),
    column.cellColumn('images', 'Images', { title: 'column.images', width: 150, grow: 2 }),
    column.labelsColumn(),
    column.ageColumn(),
  ],
  summary: ({ status }) => {
    const wanted = status?.desiredNumberScheduled ?? 0
    const ready = status?.numberReady ?? 0
    return { text: `${ready}/${wanted}`, tone: toneOfCount(ready, wanted) }
  },
  sections: [
    { id: 'rollout', title: 'section.rollout', component: RolloutProgress },
    { id: 'usage', title: 'usage.title', component: WorkloadUsage },
    { id: 'pods', title: 'kind.pods', component: SelectedPods },
    { id: 'history', title: 'section.history', component: ControllerRevisions },
    { id: 'template', title: 'section.template', component: PodTemplate },
  ],
  actions: [logsAction, restartAction, undoAction()],
  diagnose: diagnoseRollout,
  logs: 'selector',
})
