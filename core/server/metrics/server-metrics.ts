import type { Clock } from '../../util/clock.ts'
import {
  createMetricRegistry,
  type Counter,
  type Gauge,
  type Histogram,
  type MetricRegistry,
} from './metric-registry.ts'

/** The API server's own metrics, by upstream's names (apiserver/pkg/endpoints/metrics). */
export interface ServerMetrics {
  registry: MetricRegistry
  requests: Counter
  durations: Histogram
  responseSizes: Histogram
  inFlight: Gauge
  longRunning: Gauge
}

const durationBuckets = [
  0.005, 0.025, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1, 1.25, 1.5, 2, 3, 4, 5, 6, 8, 10, 15, 20, 30, 45, 60,
]
const sizeBuckets = [1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9]

/** Creates the API server's metrics, with the process's own beside them. */
export function createServerMetrics(options: { clock: Clock }): ServerMetrics {
  const registry = createMetricRegistry()
  addProcessMetrics(registry, options.clock)
  return {
    registry,
    requests: registry.counter(
      'apiserver_request_total',
      'Counter of apiserver requests broken out for each verb, dry run value, group, version, resource, scope, component, and HTTP response code.',
    ),
    durations: registry.histogram(
      'apiserver_request_duration_seconds',
      'Response latency distribution in seconds for each verb, dry run value, group, version, resource, subresource, scope and component.',
      durationBuckets,
    ),
    responseSizes: registry.histogram(
      'apiserver_response_sizes',
      'Response size distribution in bytes for each group, version, verb, resource, subresource, scope and component.',
      sizeBuckets,
    ),
    inFlight: registry.gauge(
      'apiserver_current_inflight_requests',
      'Maximal number of currently used inflight request limit of this apiserver per request kind in last second.',
    ),
    longRunning: registry.gauge(
      'apiserver_longrunning_requests',
      'Gauge of all active long-running apiserver requests broken out by verb, group, version, resource, scope and component.',
    ),
  }
}

function addProcessMetrics(registry: MetricRegistry, clock: Clock): void {
  const cpu = registry.counter(
    'process_cpu_seconds_total',
    'Total user and system CPU time spent in seconds.',
  )
  const resident = registry.gauge('process_resident_memory_bytes', 'Resident memory size in bytes.')
  const heap = registry.gauge('nodejs_heap_size_used_bytes', 'Process heap size used in bytes.')
  const start = registry.gauge(
    'process_start_time_seconds',
    'Start time of the process since unix epoch in seconds.',
  )
  start.set({}, clock.now() / 1000 - process.uptime())
  let seen = 0
  registry.beforePrint(() => {
    const { user, system } = process.cpuUsage()
    const seconds = (user + system) / 1e6
    cpu.add({}, seconds - seen)
    seen = seconds
    const memory = process.memoryUsage()
    resident.set({}, memory.rss)
    heap.set({}, memory.heapUsed)
  })
}
