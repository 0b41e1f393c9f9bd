import type { WorkQueueObserver } from '../controllers/kit/workqueue.ts'
import type { Clock } from '../util/clock.ts'
import type { MetricRegistry } from '../util/metrics/metric-registry.ts'

/** From 10 ns to 10 s as upstream's, but for those below what a clock of milliseconds can tell. */
const durationBuckets = [0.001, 0.01, 0.1, 1, 10]

/**
 * Metrics of the controllers' queues by upstream's names (component-base/metrics/prometheus/workqueue). Each queue's name is the
 * label `name`; a queue that begins anew goes on where the one of that name was.
 */
export function createWorkQueueMetrics(
  registry: MetricRegistry,
  clock: Clock,
): (name: string) => WorkQueueObserver {
  const depth = registry.gauge('workqueue_depth', '[BETA] Current depth of workqueue')
  const adds = registry.counter('workqueue_adds_total', '[BETA] Total number of adds handled by workqueue')
  const waits = registry.histogram(
    'workqueue_queue_duration_seconds',
    '[BETA] How long in seconds an item stays in workqueue before being requested.',
    durationBuckets,
  )
  const works = registry.histogram(
    'workqueue_work_duration_seconds',
    '[BETA] How long in seconds processing an item from workqueue takes.',
    durationBuckets,
  )
  const retries = registry.counter(
    'workqueue_retries_total',
    '[BETA] Total number of retries handled by workqueue',
  )
  const unfinished = registry.gauge(
    'workqueue_unfinished_work_seconds',
    '[BETA] Seconds that what is in work now has taken, all together.',
  )
  const longest = registry.gauge(
    'workqueue_longest_running_processor_seconds',
    '[BETA] Seconds that what is longest in work has taken.',
  )
  const inWork = new Map<string, () => Iterable<number>>()
  registry.beforePrint(() => {
    const now = clock.now()
    for (const [name, since] of inWork) {
      const seconds = [...since()].map((at) => (now - at) / 1000)
      unfinished.set(
        { name },
        seconds.reduce((sum, one) => sum + one, 0),
      )
      longest.set({ name }, Math.max(0, ...seconds))
    }
  })
  return (name) => {
    const labels = { name }
    const waiting = depth.bind(labels)
    const added = adds.bind(labels)
    const waited = waits.bind(labels)
    const worked = works.bind(labels)
    const retried = retries.bind(labels)
    return {
      depth: (length) => void (waiting.value = length),
      added: () => void (added.value += 1),
      inWork: (since) => void inWork.set(name, since),
      taken: (waitedMs) => waited.observe(waitedMs / 1000),
      done: (workedMs) => worked.observe(workedMs / 1000),
      retried: () => void (retried.value += 1),
    }
  }
}
