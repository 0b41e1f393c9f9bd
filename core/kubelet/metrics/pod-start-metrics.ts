import type { Pod, PodStatus } from '../../api/generated/core-v1.ts'
import type { Clock } from '../../util/clock.ts'
import { durationBuckets } from '../../util/metrics/buckets.ts'
import type { MetricRegistry } from '../../util/metrics/metric-registry.ts'

const startBuckets = [
  0.5, 1, 2, 3, 4, 5, 6, 8, 10, 20, 30, 45, 60, 120, 180, 240, 300, 360, 480, 600, 900, 1200, 1800, 2700,
  3600,
]

/** How long pods take to run (upstream: pkg/kubelet/util/pod_startup_latency_tracker.go, kubelet.go SyncPod). */
export interface PodStartMetrics {
  seen(pod: Pod): void
  /** A pass over the pod took this long; the first one ends its wait for a worker. */
  passed(uid: string, ms: number): void
  status(pod: Pod, status: PodStatus): void
  forget(uid: string): void
}

interface Starting {
  seenAt: number
  hasWorker: boolean
}

/** Only pods that came to be while this process watched are measured, each until it runs. */
export function createPodStartMetrics(registry: MetricRegistry, clock: Clock): PodStartMetrics {
  const workers = registry
    .histogram(
      'kubelet_pod_worker_start_duration_seconds',
      '[ALPHA] Seconds from seeing a pod to the beginning of the first pass over it.',
      durationBuckets,
    )
    .bind({})
  const own = registry
    .histogram(
      'kubelet_pod_start_duration_seconds',
      '[ALPHA] Seconds from seeing a pod to its containers running.',
      startBuckets,
    )
    .bind({})
  const total = registry
    .histogram(
      'kubelet_pod_start_total_duration_seconds',
      '[ALPHA] Seconds from the creation of a pod to its containers running, pulls of images included.',
      startBuckets,
    )
    .bind({})
  const starting = new Map<string, Starting>()
  return {
    seen({ metadata, status }) {
      if (status?.phase !== undefined && status.phase !== 'Pending') return
      if (status?.startTime !== undefined) return
      starting.set(metadata.uid ?? '', { seenAt: clock.now(), hasWorker: false })
    },
    passed(uid, ms) {
      const one = starting.get(uid)
      if (!one || one.hasWorker) return
      one.hasWorker = true
      workers.observe(Math.max(0, clock.now() - ms - one.seenAt) / 1000)
    },
    status({ metadata }, { phase }) {
      const { uid = '', creationTimestamp } = metadata
      const one = starting.get(uid)
      if (!one || phase === 'Pending' || phase === undefined) return
      starting.delete(uid)
      if (phase === 'Failed') return
      const now = clock.now()
      own.observe((now - one.seenAt) / 1000)
      if (creationTimestamp) total.observe(Math.max(0, now - Date.parse(creationTimestamp)) / 1000)
    },
    forget: (uid) => void starting.delete(uid),
  }
}
