import type { PendingPods, SchedulerObserver } from '../scheduler/scheduler-observer.ts'
import { exponentialBuckets } from '../util/metrics/buckets.ts'
import type { MetricRegistry } from '../util/metrics/metric-registry.ts'

const attemptBuckets = exponentialBuckets(0.001, 2, 15)
/** From so many attempts on it is one series. */
const mostAttempts = 15

/** Metrics of the scheduler by upstream's names (pkg/scheduler/metrics), printed with those of the API server, whose process it is in. */
export function createSchedulerMetrics(registry: MetricRegistry): SchedulerObserver {
  const attempts = registry.counter(
    'scheduler_schedule_attempts_total',
    '[STABLE] Attempts to place a pod, by result.',
  )
  const attemptTimes = registry.histogram(
    'scheduler_scheduling_attempt_duration_seconds',
    '[STABLE] Seconds that an attempt to place a pod took, binding included.',
    attemptBuckets,
  )
  const decisions = registry
    .histogram(
      'scheduler_scheduling_algorithm_duration_seconds',
      '[ALPHA] Seconds that choosing a node took.',
      attemptBuckets,
    )
    .bind({})
  const placements = registry.histogram(
    'scheduler_pod_scheduling_sli_duration_seconds',
    '[BETA] Seconds from entering the queue to being placed, by number of attempts.',
    exponentialBuckets(0.01, 2, 20),
  )
  const needed = registry
    .histogram('scheduler_pod_scheduling_attempts', '[STABLE] Attempts that a pod needed.', [1, 2, 4, 8, 16])
    .bind({})
  const preemptions = registry
    .counter('scheduler_preemption_attempts_total', '[STABLE] Times that pods were to make way for another.')
    .bind({})
  const victims = registry
    .histogram(
      'scheduler_preemption_victims',
      '[STABLE] Pods that were to make way for another, each time.',
      [1, 2, 4, 8, 16, 32, 64],
    )
    .bind({})
  const waiting = registry.gauge('scheduler_pending_pods', '[STABLE] Pods that wait for a node, by queue.')
  let pending: (() => PendingPods) | undefined
  registry.beforePrint(() => {
    for (const [queue, count] of Object.entries(pending?.() ?? {})) waiting.set({ queue }, count)
  })
  return {
    began: (ask) => void (pending = ask),
    attempted(profile, result, ms) {
      attempts.add({ profile, result })
      attemptTimes.observe({ profile, result }, ms / 1000)
    },
    decided: (ms) => decisions.observe(ms / 1000),
    placed(count, ms) {
      const shown = count >= mostAttempts ? `${mostAttempts}+` : String(count)
      placements.observe({ attempts: shown }, ms / 1000)
      needed.observe(count)
    },
    preempted(count) {
      preemptions.value++
      victims.observe(count)
    },
  }
}
