import type { Clock } from '../../util/clock.ts'
import { durationBuckets } from '../../util/metrics/buckets.ts'
import type { MetricRegistry } from '../../util/metrics/metric-registry.ts'
import type { KubeletRequest } from '../api/kubelet-path.ts'

const longRunning = new Set(['exec', 'attach', 'portforward', 'debug'])
/** What is served; by other paths strangers could grow the number of series. */
const known = new Set([
  ...longRunning,
  ...['configz', 'containerLogs', 'healthz', 'logs', 'pods', 'portForward', 'runningpods', 'stats'],
  ...['metrics', 'metrics/cadvisor', 'metrics/probes', 'metrics/resource', 'metrics/slis'],
])
const methods = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])

/** Counts a kubelet's own requests while `answer` runs (upstream: pkg/kubelet/server ServeHTTP). */
export type HttpMeter = (request: KubeletRequest, answer: () => Promise<void>) => Promise<void>

/** Adds the metrics to a registry. */
export function createHttpMeter(registry: MetricRegistry, clock: Clock): HttpMeter {
  const requests = registry.counter('kubelet_http_requests_total', '[ALPHA] Requests to the kubelet.')
  const inFlight = registry.gauge(
    'kubelet_http_inflight_requests',
    '[ALPHA] Requests that the kubelet is answering.',
  )
  const durations = registry.histogram(
    'kubelet_http_requests_duration_seconds',
    '[ALPHA] Seconds that answering requests took.',
    durationBuckets,
  )
  return async ({ method, parts }, answer) => {
    const path = parts[0] === 'metrics' ? parts.slice(0, 2).join('/') : (parts[0] ?? '')
    const labels = {
      long_running: String(longRunning.has(path)),
      method: methods.has(method) ? method : 'other',
      path: known.has(path) ? path : 'other',
      server_type: 'readwrite',
    }
    const beganAt = clock.now()
    requests.add(labels)
    inFlight.change(labels, 1)
    try {
      await answer()
    } finally {
      inFlight.change(labels, -1)
      durations.observe(labels, (clock.now() - beganAt) / 1000)
    }
  }
}
