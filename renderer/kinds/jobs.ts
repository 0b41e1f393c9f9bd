import { Package } from '@lucide/vue'
import type { Job } from '../../core/api/generated/batch-v1.ts'
import { resources } from '../../core/api/resources.ts'
import JobProgress from '../components/sections/JobProgress.vue'
import PodTemplate from '../components/sections/PodTemplate.vue'
import SelectedPods from '../components/sections/SelectedPods.vue'
import WorkloadUsage from '../components/sections/WorkloadUsage.vue'
import * as column from '../kit/columns.ts'
import { runAgainAction, suspendAction, unsuspendAction } from '../kit/job-actions.ts'
import { diagnoseJob, summarizeJob } from '../kit/job-state.ts'
import { defineKindView } from '../kit/kind-view.ts'
import { logsAction } from '../kit/pod-actions.ts'
import { toneOf } from '../kit/tone.ts'

/** Jobs. */
export const jobs = defineKindView<Job>({
  resource: resources.jobs,
  section: 'workloads',
  order: 60,
  icon: Package,
  title: 'kind.jobs',
  columns: [
    column.nameColumn(),
    column.namespaceColumn(),
    column.statusColumn('Status', (_, text) =>
      text.startsWith('Complete') ? 'ok' : text === 'Running' ? 'progress' : toneOf(text),
    ),
    column.cellColumn('completions', 'Completions', { title: 'job.completions', width: 116 }),
    column.cellColumn('duration', 'Duration', { title: 'job.duration', width: 90, align: 'right' }),
    column.ownerColumn(),
    column.cellColumn('images', 'Images', { title: 'column.images', width: 150, grow: 2, hidden: true }),
    column.labelsColumn(),
    column.ageColumn(),
  ],
  summary: summarizeJob,
  sections: [
    { id: 'progress', title: 'section.progress', component: JobProgress },
    { id: 'usage', title: 'usage.title', component: WorkloadUsage },
    { id: 'pods', title: 'kind.pods', component: SelectedPods },
    { id: 'template', title: 'section.template', component: PodTemplate },
  ],
  actions: [logsAction, runAgainAction, suspendAction, unsuspendAction],
  diagnose: diagnoseJob,
  logs: 'selector',
  emptyHint: 'hint.jobs',
})
