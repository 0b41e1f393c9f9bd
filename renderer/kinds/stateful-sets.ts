import { Database } from '@lucide/vue'
import type { StatefulSet } from '../../core/api/generated/apps-v1.ts'
import { resources } from '../../core/api/resources.ts'
import ControllerRevisions from '../components/sections/ControllerRevisions.vue'
import PodTemplate from '../components/sections/PodTemplate.vue'
import RolloutProgress from '../components/sections/RolloutProgress.vue'
import SelectedPods from '../components/sections/SelectedPods.vue'
import WorkloadUsage from '../components/sections/WorkloadUsage.vue'
import * as column from '../kit/columns.ts'
import { defineKindView } from '../kit/kind-view.ts'
import { logsAction } from '../kit/pod-actions.ts'
import { summarizeReplicas } from '../kit/replica-view.ts'
import { diagnoseRollout } from '../kit/rollout-progress.ts'
import { restartAction, scaleAction, undoAction } from '../kit/workload-actions.ts'

/** StatefulSets. */
export const statefulSets = defineKindView<StatefulSet>({
  resource: resources.statefulSets,
  section: 'workloads',
  order: 40,
  icon: Database,
  title: 'kind.statefulSets',
  columns: [
    column.nameColumn(),
    column.namespaceColumn(),
    column.ratioColumn('ready', 'Ready', 'column.ready'),
    column.cellColumn('images', 'Images', { title: 'column.images', width: 150, grow: 2 }),
    column.labelsColumn(),
    column.ageColumn(),
  ],
  summary: summarizeReplicas,
  sections: [
    { id: 'rollout', title: 'section.rollout', component: RolloutProgress },
    { id: 'usage', title: 'usage.title', component: WorkloadUsage },
    { id: 'pods', title: 'kind.pods', component: SelectedPods },
    { id: 'history', title: 'section.history', component: ControllerRevisions },
    { id: 'template', title: 'section.template', component: PodTemplate },
  ],
  actions: [logsAction, scaleAction, restartAction, undoAction()],
  diagnose: diagnoseRollout,
  logs: 'selector',
})
