import { FileStack } from '@lucide/vue'
import type { ReplicationController } from '../../core/api/generated/core-v1.ts'
import { resources } from '../../core/api/resources.ts'
import * as column from '../kit/columns.ts'
import { defineKindView } from '../kit/kind-view.ts'
import { logsAction } from '../kit/pod-actions.ts'
import { replicaSections, summarizeReplicas } from '../kit/replica-view.ts'
import { scaleAction } from '../kit/workload-actions.ts'

/** ReplicationControllers. */
export const replicationControllers = defineKindView<ReplicationController>({
  resource: resources.replicationControllers,
  section: 'workloads',
  order: 80,
  icon: FileStack,
  title: 'kind.replicationControllers',
  columns: [...column.replicaColumns(), column.labelsColumn(), column.ageColumn()],
  summary: summarizeReplicas,
  sections: replicaSections,
  actions: [logsAction, scaleAction],
  logs: 'selector',
})
