import { rfc3339 } from '../../util/clock.ts'
import { buildPodStatus, rejectedStatus } from '../pod-status/build-status.ts'
import type { StatusInput } from '../pod-status/build-status.ts'
import type { PodStatus } from '../../api/generated/core-v1.ts'
import type { KubeletParts } from './kubelet-parts.ts'
import type { WaitingReason } from '../pod-status/container-statuses.ts'
import type { PodRecord } from './pod-record.ts'
import type { PodState } from './pod-state.ts'

/** Computes the pod's status from its runtime state and hands it to the status manager. */
export function reportStatus(parts: KubeletParts, record: PodRecord, state: PodState): PodStatus {
  const { pod, verdict } = record
  const previous = parts.statuses.current(pod)
  const about = { pod, previous, now: rfc3339(parts.clock.now()) }
  const status = verdict?.isRejection
    ? rejectedStatus(about, verdict)
    : buildPodStatus({ ...about, ...statusFacts(parts, record, state) })
  parts.metrics?.podStatus(pod, previous, status)
  if (!record.removed) parts.statuses.report(pod, status)
  return status
}

function statusFacts(
  parts: KubeletParts,
  record: PodRecord,
  state: PodState,
): Omit<StatusInput, 'pod' | 'previous' | 'now'> {
  const node = parts.node()
  return {
    state,
    waiting: new Map([...record.waiting].flatMap((entry) => toldNow(entry, parts.clock.now()))),
    resize: record.resize,
    isRestarting: record.isRestarting,
    podPidsLimit: node.podPidsLimit,
    runtimeName: node.runtimeName,
    hostIps: node.ips,
    probes: parts.probes,
    digestOf: (imageId) => parts.digestOf(imageId),
    ...(record.verdict ? { verdict: record.verdict } : {}),
  }
}

function toldNow(
  [name, { from = 0, ...reason }]: [string, WaitingReason & { from?: number }],
  now: number,
): Array<[string, WaitingReason]> {
  return from <= now ? [[name, reason]] : []
}
