import type { Registry } from '../../registry/registry.ts'
import type { Clock } from '../../util/clock.ts'
import { addBuildInfo } from './build-info.ts'
import {
  createMetricRegistry,
  type BoundValue,
  type Counter,
  type Gauge,
  type Histogram,
  type MetricRegistry,
} from '../../util/metrics/metric-registry.ts'
import { createAccessMetrics, type AccessMetrics } from './access-metrics.ts'
import { createImpersonationMetrics, type ImpersonationMetrics } from './impersonation-metrics.ts'
import { addAggregatorMetrics } from './aggregator-metrics.ts'
import { addProcessMetrics } from '../../util/metrics/process-metrics.ts'
import { createRequestMetrics, type RequestMetrics } from './request-metrics.ts'
import { createSelfRequests, type SelfRequests } from './self-requests.ts'
import { addStorageMetrics } from './storage-metrics.ts'

/** The API server's own metrics, by upstream's names (apiserver/pkg/endpoints/metrics). */
export interface ServerMetrics {
  registry: MetricRegistry
  requests: Counter
  durations: Histogram
  /** Without the time in queues. */
  sliDurations: Histogram
  responseSizes: Histogram
  inFlight: Gauge
  inQueue: Gauge
  longRunning: Gauge
  watchEvents: Counter
  watchEventSizes: Histogram
  /** Watchers that were cut off because they did not read. */
  terminatedWatchers: Counter
  access: AccessMetrics
  more: RequestMetrics
  selfRequests: SelfRequests
  /** Seconds until a watch that begins with a list has told all of it. */
  watchLists: Histogram
  tlsHandshakeErrors: BoundValue
  impersonation: ImpersonationMetrics
  auditEvents: Counter
  /** 1 for each deprecated API that was asked for. */
  deprecatedApis: Gauge
}

const durationBuckets = [
  0.005, 0.025, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1, 1.25, 1.5, 2, 3, 4, 5, 6, 8, 10, 15, 20, 30, 45, 60,
]
const sizeBuckets = [1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9]

/** Creates the API server's metrics, with those of its process and of what it stores beside them. */
export function createServerMetrics(options: {
  registry: Registry
  metrics?: MetricRegistry
  clock: Clock
}): ServerMetrics {
  const registry = options.metrics ?? createMetricRegistry()
  addProcessMetrics(registry, options.clock)
  addStorageMetrics(registry, options.registry)
  addAggregatorMetrics(registry, options.registry)
  addBuildInfo(registry)
  const more = createRequestMetrics(registry)
  return {
    registry,
    requests: registry.counter(
      'apiserver_request_total',
      '[STABLE] Requests that were answered, by what they asked for, whether as a dry run, and the code of the answer.',
    ),
    durations: registry.histogram(
      'apiserver_request_duration_seconds',
      '[STABLE] Seconds from a request to its answer, by what it asked for.',
      durationBuckets,
    ),
    sliDurations: registry.histogram(
      'apiserver_request_sli_duration_seconds',
      '[ALPHA] Seconds from a request to its answer, without the time in queues and in webhooks.',
      durationBuckets.slice(2),
    ),
    responseSizes: registry.histogram(
      'apiserver_response_sizes',
      '[STABLE] Bytes of an answer, by what was asked for.',
      sizeBuckets,
    ),
    inFlight: registry.gauge(
      'apiserver_current_inflight_requests',
      '[STABLE] The most requests at once within the last second, reading or writing.',
    ),
    longRunning: registry.gauge(
      'apiserver_longrunning_requests',
      '[STABLE] Watches, logs and streams that are open.',
    ),
    watchEvents: registry.counter('apiserver_watch_events_total', '[BETA] Events told to watchers.'),
    watchEventSizes: registry.histogram(
      'apiserver_watch_events_sizes',
      '[BETA] Bytes of an event of a watch.',
      [1024, 2048, 4096, 8192, 16_384, 32_768, 65_536, 131_072],
    ),
    terminatedWatchers: registry.counter(
      'apiserver_terminated_watchers_total',
      '[ALPHA] Watches ended because their client read too slowly, by resource.',
    ),
    inQueue: registry.gauge(
      'apiserver_current_inqueue_requests',
      '[ALPHA] Requests that wait for their turn, by kind.',
    ),
    access: createAccessMetrics(registry, options.clock, more.filters),
    more,
    selfRequests: createSelfRequests(registry),
    watchLists: registry.histogram(
      'apiserver_watch_list_duration_seconds',
      '[BETA] Seconds until a watch that begins with what there is has told all of it.',
      [0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1, 2, 4, 6, 8, 10, 15, 20, 30, 45, 60],
    ),
    tlsHandshakeErrors: registry
      .counter(
        'apiserver_tls_handshake_errors_total',
        '[ALPHA] Connections that ended before TLS was agreed on.',
      )
      .bind({}),
    impersonation: createImpersonationMetrics(registry),
    deprecatedApis: registry.gauge(
      'apiserver_requested_deprecated_apis',
      '[STABLE] Deprecated APIs that were asked for, and in which release each goes.',
    ),
    auditEvents: registry.counter('apiserver_audit_event_total', '[ALPHA] Events written to the audit log.'),
  }
}
