import { Layers2 } from '@lucide/vue'
import type { Deployment } from '../../core/api/generated/apps-v1.ts'
import { resources } from '../../core/api/resources.ts'
import PodTemplate from '../components/sections/PodTemplate.vue'
import RevisionHistory from '../components/sections/RevisionHistory.vue'
import RolloutProgress from '../components/sections/RolloutProgress.vue'
import SelectedPods from '../components/sections/SelectedPods.vue'
import WorkloadUsage from '../components/sections/WorkloadUsage.vue'
import * as column from '../kit/columns.ts'
import { diagnoseDeployment } from '../kit/diagnose-workload.ts'
import { defineKindView } from '../kit/kind-view.ts'
import { logsAction } from '../kit/pod-actions.ts'
import { toneOfCount } from '../kit/tone.ts'
import { pauseAction, restartAction, resumeAction, scaleAction, undoAction } from '../kit/workload-actions.ts'

/** Deployments. */
export const deployments = defineKindView<Deployment>({
  resource: resources.deployments,
  section: 'workloads',
  order: 20,
  icon: Layers2,
  title: 'kind.deployments',
  columns: [
    column.nameColumn(),
    column.namespaceColumn(),
    column.rolloutColumn(),
    column.cellColumn('updated', 'Up-to-date', { title: 'column.updated', width: 96, align: 'right' }),
    column.cellColumn('available', 'Available', { title: 'column.available', width: 92, align: 'right' }),
    column.cellColumn('images', 'Images', { title: 'column.images', width: 150, grow: 2 }),
    column.cellColumn('containers', 'Containers', { title: 'column.containers', width: 130, hidden: true }),
    column.cellColumn('selector', 'Selector', { title: 'column.selector', width: 160, hidden: true }),
    column.labelsColumn(),
    column.ageColumn(),
  ],
  summary: ({ spec, status }) => {
    const wanted = spec.replicas ?? 1
    const available = status?.availableReplicas ?? 0
    return { text: `${available}/${wanted}`, tone: toneOfCount(available, wanted) }
  },
  sections: [
    { id: 'rollout', title: 'section.rollout', component: RolloutProgress },
    { id: 'usage', title: 'usage.title', component: WorkloadUsage },
    { id: 'pods', title: 'kind.pods', component: SelectedPods },
    { id: 'history', title: 'section.history', component: RevisionHistory },
    { id: 'template', title: 'section.template', component: PodTemplate },
  ],
  actions: [logsAction, scaleAction, restartAction, undoAction(), pauseAction, resumeAction],
  diagnose: diagnoseDeployment,
  logs: 'selector',
  emptyHint: 'hint.deployments',
})
