import { CalendarClock } from '@lucide/vue'
import type { CronJob } from '../../core/api/generated/batch-v1.ts'
import { resources } from '../../core/api/resources.ts'
import CronJobRuns from '../components/sections/CronJobRuns.vue'
import CronSchedule from '../components/sections/CronSchedule.vue'
import JobTemplate from '../components/sections/JobTemplate.vue'
import * as column from '../kit/columns.ts'
import { runNowAction, suspendAction, unsuspendAction } from '../kit/job-actions.ts'
import { defineKindView } from '../kit/kind-view.ts'

/** CronJobs. */
export const cronJobs = defineKindView<CronJob>({
  resource: resources.cronJobs,
  section: 'workloads',
  order: 70,
  icon: CalendarClock,
  title: 'kind.cronJobs',
  columns: [
    column.nameColumn(),
    column.namespaceColumn(),
    column.cellColumn('schedule', 'Schedule', { title: 'job.schedule', width: 120, grow: 1 }),
    column.cellColumn('timeZone', 'Timezone', { title: 'job.timeZone', width: 100, grow: 1 }),
    column.cellColumn('suspend', 'Suspend', { title: 'job.suspended', width: 90 }),
    column.cellColumn('active', 'Active', { title: 'job.active', width: 80, align: 'right' }),
    column.cellColumn('lastRun', 'Last Schedule', { title: 'job.lastRun', width: 100, align: 'right' }),
    column.cellColumn('images', 'Images', { title: 'column.images', width: 150, grow: 2, hidden: true }),
    column.labelsColumn(),
    column.ageColumn(),
  ],
  summary: ({ spec, status }) => {
    if (spec.suspend) return { text: 'Suspended', tone: 'off' }
    const active = status?.active?.length ?? 0
    return active > 0 ? { text: `Active: ${active}`, tone: 'progress' } : { text: 'Scheduled', tone: 'ok' }
  },
  sections: [
    { id: 'schedule', title: 'job.schedule', component: CronSchedule },
    { id: 'runs', title: 'kind.jobs', component: CronJobRuns },
    { id: 'template', title: 'section.template', component: JobTemplate },
  ],
  actions: [runNowAction, suspendAction, unsuspendAction],
  emptyHint: 'hint.cronJobs',
})
