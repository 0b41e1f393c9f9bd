import type { GoField } from './go-field.ts'

function field(json: string, go: string, n: number): GoField {
  return { json, go, n, omitempty: false, omitzero: false }
}

const measured = [
  field('metadata', 'metav1.ObjectMeta', 1),
  field('timestamp', 'metav1.Time', 2),
  field('window', 'metav1.Duration', 3),
]
const usage = 'map[ResourceName]resource.Quantity'
const packageName = 'k8s.io/metrics/pkg/apis/metrics/v1beta1'

/** The kinds of metrics.k8s.io, which no server has of its own, by full name (k8s.io/metrics, metrics/v1beta1/generated.proto). */
export const metricsStructs: Record<string, GoField[]> = {
  [`${packageName}.NodeMetrics`]: [...measured, field('usage', usage, 4)],
  [`${packageName}.PodMetrics`]: [...measured, field('containers', '[]ContainerMetrics', 4)],
  [`${packageName}.ContainerMetrics`]: [field('name', 'string', 1), field('usage', usage, 2)],
}
