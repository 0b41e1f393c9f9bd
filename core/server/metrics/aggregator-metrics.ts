import type { APIService } from '../../api/api-service.ts'
import type { Registry } from '../../registry/registry.ts'
import type { MetricRegistry } from '../../util/metrics/metric-registry.ts'

/** Which APIServices cannot be used, looked up when asked (upstream: kube-aggregator/pkg/controllers/status/metrics). */
export function addAggregatorMetrics(metrics: MetricRegistry, registry: Registry): void {
  const unavailable = metrics.gauge(
    'aggregator_unavailable_apiservice',
    '[ALPHA] Gauge of APIServices which are marked as unavailable broken down by APIService name.',
  )
  const told = new Set<string>()
  metrics.beforePrint(async () => {
    const page = await registry.resource('apiregistration.k8s.io', 'v1', 'apiservices')!.list({})
    // One that is gone is missed by nobody.
    for (const name of told) unavailable.set({ name }, 0)
    for (const { object } of page.entries) {
      const { metadata, status } = object as unknown as APIService
      const isAvailable = status?.conditions?.some((one) => one.type === 'Available' && one.status === 'True')
      told.add(metadata.name)
      unavailable.set({ name: metadata.name }, isAvailable ? 0 : 1)
    }
  })
}
