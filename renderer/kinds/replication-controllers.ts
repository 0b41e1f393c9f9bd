import { FileStack } from '@lucide/vue'
import type { ReplicationController } from '../../core/api/generated/core-v1.ts'
import { resources } from '../../core/api/resources.ts'
import PodTemplate from '../components/sections/PodTemplate.vue'
import ReplicaCounts from '../components/sections/ReplicaCounts.vue'
import SelectedPods from '../components/sections/SelectedPods.vue'
import WorkloadUsage from '../components/sections/WorkloadUsage.vue'
import * as column from '../kit/columns.ts'
import { defineKindView } from '../kit/kind-view.ts'
import { logsAction } from '../kit/pod-actions.ts'
import { toneOfCount } from '../kit/tone.ts'
import { scaleAction } from '../kit/workload-actions.ts'

/** ReplicationControllers. */
export const replicationControllers = defineKindView<ReplicationController>({
  resource: resources.replicationControllers,
  section: 'workloads',
  order: 80,
  icon: FileStack,
  title: 'kind.replicationControllers',
  columns: [...column.replicaColumns(), column.labelsColumn(), column.ageColumn()],
  summary: ({ spec, status }) => {
    const wanted = spec?.replicas ?? 1
    const ready = status?.readyReplicas ?? 0
    return { text: `${ready}/${wanted}`, tone: toneOfCount(ready, wanted) }
  },
  sections: [
    { id: 'counts', title: 'section.replicas', component: ReplicaCounts },
    { id: 'usage', title: 'usage.title', component: WorkloadUsage },
    { id: 'pods', title: 'kind.pods', component: SelectedPods },
    { id: 'template', title: 'section.template', component: PodTemplate },
  ],
  actions: [logsAction, scaleAction],
  logs: 'selector',
})
