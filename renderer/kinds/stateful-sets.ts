import { Database } from '@lucide/vue'
import type { StatefulSet } from '../../core/api/generated/apps-v1.ts'
import { resources } from '../../core/api/resources.ts'
import * as column from '../kit/columns.ts'
import { defineKindView } from '../kit/kind-view.ts'
import { logsAction } from '../kit/pod-actions.ts'
import { replicaSections, summarizeReplicas } from '../kit/replica-view.ts'
import { restartAction, scaleAction } from '../kit/workload-actions.ts'

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
  sections: replicaSections,
  actions: [logsAction, scaleAction, restartAction],
  logs: 'selector',
})
