import type { NodePortObserver } from '../../admission/node-port-observer.ts'
import type { MetricRegistry } from '../../util/metrics/metric-registry.ts'

/** Metrics of the allocation of node ports by upstream's names (pkg/registry/core/service/portallocator/metrics.go). */
export function createNodePortMetrics(metrics: MetricRegistry): NodePortObserver {
  const prefix = 'kube_apiserver_nodeport_allocator'
  const allocated = metrics.gauge(`${prefix}_allocated_ports`, '[ALPHA] Node ports that Services have')
  const available = metrics.gauge(`${prefix}_available_ports`, '[ALPHA] Node ports that are free')
  const allocations = metrics.counter(`${prefix}_allocation_total`, '[ALPHA] Node ports given out')
  const errors = metrics.counter(
    `${prefix}_allocation_errors_total`,
    '[ALPHA] Attempts to take a node port that failed',
  )
  return {
    allocated: (scope) => allocations.add({ scope }),
    failed: (scope) => errors.add({ scope }),
    counts(use) {
      metrics.beforePrint(async () => {
        // What cannot be counted now stays as it was last.
        const now = await use().catch(() => undefined)
        if (!now) return
        allocated.set({}, now.allocated)
        available.set({}, now.available)
      })
    },
  }
}
