import type { NodeMetrics } from '../../api/resource-metrics.ts'
import { defineKind } from '../../registry/kind.ts'
import { metricsSchema, readOnly, usageColumns, usageSchema } from './read-only.ts'

export const nodeMetrics = defineKind<NodeMetrics>({
  group: 'metrics.k8s.io',
  version: 'v1beta1',
  kind: 'NodeMetrics',
  namespaced: false,
  names: { plural: 'nodes', singular: '', listKind: 'NodeMetricsList' },
  schema: metricsSchema({ usage: usageSchema }),
  columns: usageColumns(({ usage }, resource) => usage[resource] ?? '0'),
  ...readOnly<NodeMetrics>(),
})
