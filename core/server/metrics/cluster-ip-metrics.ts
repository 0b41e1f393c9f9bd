import type { ClusterIpObserver } from '../../admission/cluster-ip-observer.ts'
import type { MetricRegistry } from '../../util/metrics/metric-registry.ts'

const durationBuckets = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

/** Metrics of the allocation of cluster IPs by upstream's names (pkg/registry/core/service/ipallocator/metrics.go). */
export function createClusterIpMetrics(metrics: MetricRegistry): ClusterIpObserver {
  const prefix = 'kube_apiserver_clusterip_allocator'
  const allocated = metrics.gauge(
    `${prefix}_allocated_ips`,
    '[ALPHA] Addresses of a range that Services have',
  )
  const available = metrics.gauge(`${prefix}_available_ips`, '[ALPHA] Addresses of a range that are free')
  const allocations = metrics.counter(`${prefix}_allocation_total`, '[ALPHA] Addresses taken from a range')
  const errors = metrics.counter(
    `${prefix}_allocation_errors_total`,
    '[ALPHA] Attempts to take an address that failed',
  )
  const durations = metrics.histogram(
    `${prefix}_allocation_duration_seconds`,
    '[ALPHA] Seconds to take an address, by ServiceCIDR',
    durationBuckets,
  )
  return {
    allocated(cidr, scope, ms) {
      allocations.add({ cidr, scope })
      durations.observe({ cidr }, ms / 1000)
    },
    failed: (cidr, scope) => errors.add({ cidr, scope }),
    counts(use) {
      const seen = new Set<string>()
      metrics.beforePrint(async () => {
        // What cannot be counted now stays as it was last.
        const networks = await use().catch(() => undefined)
        if (!networks) return
        const now = new Map(networks.map((network) => [network.cidr, network]))
        for (const cidr of now.keys()) seen.add(cidr)
        for (const cidr of seen) {
          allocated.set({ cidr }, now.get(cidr)?.allocated ?? 0)
          available.set({ cidr }, now.get(cidr)?.available ?? 0)
        }
      })
    },
  }
}
