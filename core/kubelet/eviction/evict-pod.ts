import type { KubeletParts } from '../pods/kubelet-parts.ts'
import type { PodRecord } from '../pods/pod-record.ts'

/** What an evicted pod's processes get to end (upstream: immediateEvictionGracePeriodSeconds). */
const evictionGraceSeconds = 1

/** Has a pod end as Evicted; its next pass begins with it. */
export function evictPod(
  parts: Pick<KubeletParts, 'events'>,
  record: PodRecord,
  { message, graceSeconds = evictionGraceSeconds }: { message: string; graceSeconds?: number | undefined },
): void {
  if (record.verdict) return
  parts.events.pod(record.pod, { type: 'Warning', reason: 'Evicted', message })
  record.verdict = {
    phase: 'Failed',
    reason: 'Evicted',
    message,
    graceSeconds,
    disruption: { reason: 'TerminationByKubelet', message },
  }
  record.ending.abort()
}

/** Has a pod end with its own grace period, so that a critical one fits (upstream: kubelet/preemption evictPodsToFreeRequests). */
export function preemptPod(parts: Pick<KubeletParts, 'events'>, record: PodRecord): void {
  if (record.verdict) return
  const reason = 'Preempting'
  const message = 'Preempted in order to admit critical pod'
  parts.events.pod(record.pod, { type: 'Warning', reason, message })
  record.verdict = {
    phase: 'Failed',
    reason,
    message,
    disruption: {
      reason: 'TerminationByKubelet',
      message: 'Pod was preempted by Kubelet to accommodate a critical pod.',
    },
  }
  record.ending.abort()
}
