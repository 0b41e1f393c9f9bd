import PodTemplate from '../components/sections/PodTemplate.vue'
import ReplicaCounts from '../components/sections/ReplicaCounts.vue'
import SelectedPods from '../components/sections/SelectedPods.vue'
import WorkloadUsage from '../components/sections/WorkloadUsage.vue'
import type { DetailSection, StatusSummary } from './kind-view.ts'
import { toneOfCount } from './tone.ts'

/** What the details of every workload with replicas and nothing else to show are made of. */
export const replicaSections: DetailSection[] = [
  { id: 'counts', title: 'section.replicas', component: ReplicaCounts },
  { id: 'usage', title: 'usage.title', component: WorkloadUsage },
  { id: 'pods', title: 'kind.pods', component: SelectedPods },
  { id: 'template', title: 'section.template', component: PodTemplate },
]

/** `2/3`: how many replicas are ready of those that are to be. */
export function summarizeReplicas(workload: {
  spec?: { replicas?: number }
  status?: { readyReplicas?: number }
}): StatusSummary {
  const wanted = workload.spec?.replicas ?? 1
  const ready = workload.status?.readyReplicas ?? 0
  return { text: `${ready}/${wanted}`, tone: toneOfCount(ready, wanted) }
}
