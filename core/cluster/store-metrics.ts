import type { BoundHistogram, BoundValue, MetricRegistry } from '../util/metrics/metric-registry.ts'
import { createObservedStore, type StoreOperation } from '../storage/observed-store.ts'
import type { Store, StoreEvent, StoreWatch } from '../storage/store.ts'
import type { Logger } from '../util/logger.ts'

const durationBuckets = [
  0.005, 0.025, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1, 1.25, 1.5, 2, 3, 4, 5, 6, 8, 10, 15, 20, 30, 45, 60,
]

interface OperationSeries {
  count: BoundValue
  duration: BoundHistogram
  errors: BoundValue | undefined
}

/** A store with metrics, and what ends the following of its events. */
export interface MeasuredStore extends Disposable {
  store: Store
}

/**
 * Metrics of the store by upstream's names (storage/etcd3/metrics, storage/cacher/metrics), whichever store it is: what upstream
 * asks etcd and what it answers from its watch cache is one here. `sizeBytes` tells what the database takes on its disk.
 */
export async function measureStore(
  store: Store,
  { metrics, sizeBytes, log }: { metrics: MetricRegistry; sizeBytes: () => Promise<number>; log: Logger },
): Promise<MeasuredStore> {
  const observe = createOperationMetrics(metrics)
  const size = metrics.gauge(
    'apiserver_storage_size_bytes',
    '[STABLE] Bytes that the database takes on disk.',
  )
  metrics.beforePrint(async () => {
    try {
      size.set({ storage_cluster_id: 'etcd-0' }, await sizeBytes())
    } catch (error) {
      log.warn('the size of the store cannot be told', { error })
    }
  })
  const following = await followEvents(store, metrics, log)
  return {
    store: createObservedStore(store, observe),
    [Symbol.dispose]: () => following[Symbol.dispose](),
  }
}

function createOperationMetrics(metrics: MetricRegistry) {
  const requests = metrics.counter(
    'etcd_requests_total',
    '[ALPHA] Requests to the store, by operation and type of object.',
  )
  const errors = metrics.counter(
    'etcd_request_errors_total',
    '[ALPHA] Requests that the store failed, by operation and type of object.',
  )
  const durations = metrics.histogram(
    'etcd_request_duration_seconds',
    '[ALPHA] Seconds that the store took, by operation and type of object.',
    durationBuckets,
  )
  const known = new Map<string, Record<StoreOperation, OperationSeries | undefined>>()
  return (operation: StoreOperation, key: string, took: { ms: number; failed: boolean }): void => {
    const resource = resourcePart(key)
    let operations = known.get(resource)
    if (!operations) {
      operations = {
        get: undefined,
        list: undefined,
        create: undefined,
        update: undefined,
        delete: undefined,
      }
      known.set(resource, operations)
    }
    const labels = () => ({ ...labelsOf(resource), operation })
    const series = (operations[operation] ??= {
      count: requests.bind(labels()),
      duration: durations.bind(labels()),
      errors: undefined,
    })
    series.count.value++
    series.duration.observe(took.ms / 1000)
    if (took.failed) (series.errors ??= errors.bind(labels())).value++
  }
}

/** Counts the changes that come out of the store, others' too. */
async function followEvents(store: Store, metrics: MetricRegistry, log: Logger): Promise<Disposable> {
  const received = [
    metrics.counter(
      'apiserver_storage_events_received_total',
      '[BETA] Changes told by the store, by resource.',
    ),
    metrics.counter(
      'apiserver_watch_cache_events_received_total',
      '[ALPHA] Changes that came to the watch cache, by resource.',
    ),
    metrics.counter(
      'apiserver_watch_cache_events_dispatched_total',
      '[ALPHA] Changes that the watch cache handed to watchers, by resource.',
    ),
  ]
  const versions = metrics.gauge(
    'apiserver_watch_cache_resource_version',
    '[ALPHA] The revision at which the watch cache is, its last 15 digits, by resource.',
  )
  const known = new Map<string, { counts: BoundValue[]; version: BoundValue }>()
  const count = ({ entry }: StoreEvent): void => {
    const resource = resourcePart(entry.key)
    let series = known.get(resource)
    if (!series) {
      const labels = labelsOf(resource)
      series = { counts: received.map((counter) => counter.bind(labels)), version: versions.bind(labels) }
      known.set(resource, series)
    }
    for (const one of series.counts) one.value++
    series.version.value = entry.revision % 1e15
  }
  let watch: StoreWatch | undefined
  let ended = false
  const begin = async (): Promise<void> => {
    watch = await store.watch('/', store.revision, {
      onEvents: (events) => events.forEach(count),
      // What is missed meanwhile is missing in the counters, no more.
      onEnd: () =>
        void (ended || begin().catch((error: unknown) => log.debug('no events are counted', { error }))),
    })
    if (ended) watch.close()
  }
  await begin()
  return {
    [Symbol.dispose]() {
      ended = true
      watch?.close()
    },
  }
}

/** `core/pods` of `/core/pods/default/web`. */
function resourcePart(key: string): string {
  return key.slice(1, key.indexOf('/', key.indexOf('/', 1) + 1))
}

function labelsOf(resourcePart: string): { group: string; resource: string } {
  const [group = '', resource = ''] = resourcePart.split('/')
  return { group: group === 'core' ? '' : group, resource }
}
