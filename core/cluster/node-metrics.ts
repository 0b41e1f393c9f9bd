import { addBuildInfo } from '../server/metrics/build-info.ts'
import type { Clock } from '../util/clock.ts'
import { createMetricRegistry, type MetricRegistry } from '../util/metrics/metric-registry.ts'
import { addProcessMetrics } from '../util/metrics/process-metrics.ts'

/** The metrics of a kubelet of this process, whose memory and processor time are those of the whole. */
export function createNodeMetrics(clock: Clock): MetricRegistry {
  const metrics = createMetricRegistry()
  addProcessMetrics(metrics, clock)
  addBuildInfo(metrics)
  return metrics
}
