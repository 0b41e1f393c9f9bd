import { Copy } from '@lucide/vue'
import type { ReplicaSet } from '../../core/api/generated/apps-v1.ts'
import { resources } from '../../core/api/resources.ts'
import * as column from '../kit/columns.ts'
import { diagnoseReplicas } from '../kit/diagnose-workload.ts'
import { defineKindView } from '../kit/kind-view.ts'
import { logsAction } from '../kit/pod-actions.ts'
import { replicaSections, summarizeReplicas } from '../kit/replica-view.ts'
import { scaleAction } from '../kit/workload-actions.ts'

/** ReplicaSets. */
export const replicaSets = defineKindView<ReplicaSet>({
  resource: resources.replicaSets,
  section: 'workloads',
  order: 30,
  icon: Copy,
  title: 'kind.replicaSets',
  columns: [...column.replicaColumns(), column.labelsColumn(), column.ageColumn()],
  summary: summarizeReplicas,
  sections: replicaSections,
  actions: [logsAction, scaleAction],
  diagnose: diagnoseReplicas,
  logs: 'selector',
  emptyHint: 'hint.replicaSets',
})
