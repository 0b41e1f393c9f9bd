import { canonicalQuantity, formatBytes, parseNano, quantityValue } from '../../api/quantity.ts'
import type { PodMetrics } from '../../api/resource-metrics.ts'
import { defineKind } from '../../registry/kind.ts'
import { metricsSchema, readOnly, usageColumns, usageSchema } from './read-only.ts'

export const podMetrics = defineKind<PodMetrics>({
  group: 'metrics.k8s.io',
  version: 'v1beta1',
  kind: 'PodMetrics',
  namespaced: true,
  names: { plural: 'pods', singular: '', listKind: 'PodMetricsList' },
  schema: metricsSchema({
    containers: {
      type: 'array',
      items: { type: 'object', properties: { name: { type: 'string' }, usage: usageSchema } },
    },
  }),
  columns: usageColumns(sumOf),
  ...readOnly<PodMetrics>(),
})

function sumOf({ containers }: PodMetrics, resource: 'cpu' | 'memory'): string {
  const amounts = containers.map(({ usage }) => usage[resource] ?? '0')
  if (resource === 'memory') return formatBytes(amounts.reduce((sum, text) => sum + quantityValue(text), 0))
  const nano = amounts.reduce((sum, text) => sum + (parseNano(text) ?? 0n), 0n)
  return canonicalQuantity(`${nano}n`) ?? '0'
}
