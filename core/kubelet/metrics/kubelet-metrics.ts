import type { ContainerStatus, Pod, PodStatus } from '../../api/generated/core-v1.ts'
import type { Clock } from '../../util/clock.ts'
import { durationBuckets } from '../../util/metrics/buckets.ts'
import type { MetricRegistry } from '../../util/metrics/metric-registry.ts'
import { createPodStartMetrics } from './pod-start-metrics.ts'

/** What one pass of a pod's worker was about. */
export type PassKind = 'create' | 'sync' | 'kill'

/** What happens on a node, counted by upstream's names (upstream: pkg/kubelet/metrics/metrics.go). */
export interface KubeletMetrics {
  /** A pod was seen for the first time. */
  podSeen(pod: Pod): void
  podGone(uid: string): void
  passed(uid: string, kind: PassKind, ms: number): void
  /** A pod's status was worked out anew. */
  podStatus(pod: Pod, before: PodStatus, after: PodStatus): void
  containerStarts(pod: Pod, container: string): void
  containerFailedToStart(pod: Pod, container: string, reason: string): void
  refused(reason: string): void
  evicted(signal: string): void
  preempted(signal: string): void
  relisted(ms: number): void
}

/** The reasons that have a series of their own (upstream: kubelet.go admissionRejectionReasons). */
const refusals = new Set([
  'AppArmor',
  'Evicted',
  'InitContainerRestartPolicyForbidden',
  'InvalidNodeInfo',
  'OutOfcpu',
  'OutOfephemeral-storage',
  'OutOfmemory',
  'OutOfpods',
  'PodFeatureUnsupported',
  'PodLevelResourcesNotSupported',
  'PodOSNotSupported',
  'PodOSSelectorNodeLabelDoesNotMatch',
  'SupplementalGroupsPolicyNotSupported',
  'SysctlForbidden',
  'UnexpectedAdmissionError',
  'UnexpectedPredicateFailureType',
  'UnknownReason',
  'VolumeAttachmentLimitExceeded',
])

/** Adds a kubelet's metrics to a registry. */
export function createKubeletMetrics(registry: MetricRegistry, clock: Clock): KubeletMetrics {
  const starts = createPodStartMetrics(registry, clock)
  const terminated = registry.counter(
    'kubelet_terminated_containers_total',
    '[ALPHA] Containers that ended, by kind, exit code and reason.',
  )
  const started = registry.counter(
    'kubelet_started_containers_total',
    '[ALPHA] Containers that were to be started, by kind.',
  )
  const failed = registry.counter(
    'kubelet_started_containers_errors_total',
    '[ALPHA] Containers that could not be started, by kind and reason.',
  )
  const perPod = registry
    .histogram('kubelet_containers_per_pod_count', '[ALPHA] Containers of each pod.', [1, 2, 4, 8, 16])
    .bind({})
  const passes = registry.histogram(
    'kubelet_pod_worker_duration_seconds',
    '[ALPHA] Seconds that a pass over a pod took, by what it was about.',
    durationBuckets,
  )
  const rejections = registry.counter(
    'kubelet_admission_rejections_total',
    '[ALPHA] Pods that the node refused, by reason.',
  )
  const evictions = registry.counter('kubelet_evictions', '[ALPHA] Evicted pods, by eviction signal.')
  const preemptions = registry.counter(
    'kubelet_preemptions',
    '[ALPHA] Pods that made way for a critical one, by what was short.',
  )
  const relist = {
    duration: registry
      .histogram(
        'kubelet_pleg_relist_duration_seconds',
        '[ALPHA] Seconds that reading everything from the container runtime took.',
        durationBuckets,
      )
      .bind({}),
    interval: registry
      .histogram(
        'kubelet_pleg_relist_interval_seconds',
        '[ALPHA] Seconds between two readings of everything from the container runtime.',
        durationBuckets,
      )
      .bind({}),
    lastSeen: registry
      .gauge(
        'kubelet_pleg_last_seen_seconds',
        '[ALPHA] When everything was last read from the container runtime, in seconds since 1970.',
      )
      .bind({}),
  }

  function countEnded(
    before: ContainerStatus[] | undefined,
    after: ContainerStatus[] | undefined,
    type: string,
  ): void {
    for (const { name, state } of after ?? []) {
      const ended = state?.terminated
      if (!ended || before?.find((one) => one.name === name)?.state?.terminated) continue
      const { exitCode, reason = '' } = ended
      terminated.add({ container_type: type, exit_code: String(exitCode), reason })
    }
  }

  return {
    podSeen(pod) {
      starts.seen(pod)
      perPod.observe(pod.spec.containers.length)
    },
    podGone: (uid) => starts.forget(uid),
    passed(uid, kind, ms) {
      starts.passed(uid, ms)
      passes.observe({ operation_type: kind }, ms / 1000)
    },
    podStatus(pod, before, after) {
      starts.status(pod, after)
      countEnded(before.initContainerStatuses, after.initContainerStatuses, 'init_container')
      countEnded(before.containerStatuses, after.containerStatuses, 'container')
      countEnded(before.ephemeralContainerStatuses, after.ephemeralContainerStatuses, 'ephemeral_container')
    },
    containerStarts: (pod, name) => started.add({ container_type: typeOf(pod, name) }),
    containerFailedToStart: (pod, name, code) => failed.add({ code, container_type: typeOf(pod, name) }),
    refused(reason) {
      const isExtended = reason.startsWith('OutOf') && !refusals.has(reason)
      const shown = refusals.has(reason) ? reason : isExtended ? 'OutOfExtendedResources' : 'Other'
      rejections.add({ reason: shown })
    },
    evicted: (signal) => evictions.add({ eviction_signal: signal }),
    preempted: (signal) => preemptions.add({ preemption_signal: signal }),
    relisted(ms) {
      const now = clock.now()
      relist.duration.observe(ms / 1000)
      if (relist.lastSeen.value > 0) relist.interval.observe(now / 1000 - relist.lastSeen.value)
      relist.lastSeen.value = now / 1000
    },
  }
}

function typeOf({ spec }: Pod, container: string): string {
  if (spec.initContainers?.some(({ name }) => name === container)) return 'init_container'
  const isEphemeral = spec.ephemeralContainers?.some(({ name }) => name === container)
  return isEphemeral ? 'ephemeral_container' : 'container'
}
