import { isConditionTrue } from '../../api/conditions.ts'
import type { Pod } from '../../api/generated/core-v1.ts'
import type { Allocation } from '../resize/allocation.ts'
import { reportedAllocation, withAllocation } from '../resize/allocation.ts'
import type { ResizeState } from '../resize/resize-state.ts'
import { reportedResize } from '../resize/resize-state.ts'
import type { WaitingReason } from '../pod-status/container-statuses.ts'
import type { Verdict } from '../pod-status/build-status.ts'

/** What the kubelet keeps in memory about one pod. Losing it costs nothing but repeated work. */
export interface PodRecord {
  readonly uid: string
  /** The newest version from the API server, with the resources that are set aside for it. */
  pod: Pod
  /** The newest version from the API server as it is. */
  desired: Pod
  /** The resources set aside for the pod. */
  allocation: Allocation
  resize: ResizeState
  /** The object is gone from the API server: end everything at once. */
  removed: boolean
  /** Why containers are not running, by container name; not told before the time `from` (ms since the epoch). */
  waiting: Map<string, WaitingReason & { from?: number }>
  /** The sandbox whose network was set up by this process; another one needs `setUp` before containers start. */
  networkOf?: string
  /** Digests of the files in the sandbox's volumes, by volume name, and when they were last looked at (ms). */
  volumes: { checkedAt: number; digests: Map<string, string> }
  /** Set when the kubelet ends the pod itself. */
  verdict?: Verdict
  /** When volumes with a size limit were last measured (ms). */
  measuredAt?: number
  /** Containers that a Killing event was told for. */
  toldKilling: Set<string>
  /** Whether all of its containers are being removed, to begin anew. */
  isRestarting: boolean
  /** Aborted when the pod has to end: what a pass over it waits for (a postStart hook) is given up. */
  ending: AbortController
}

/** A fresh record. */
export function createPodRecord(pod: Pod): PodRecord {
  const allocation = reportedAllocation(pod)
  return {
    uid: pod.metadata.uid ?? '',
    pod: withAllocation(pod, allocation),
    desired: pod,
    allocation,
    resize: reportedResize(pod),
    removed: false,
    waiting: new Map(),
    volumes: { checkedAt: 0, digests: new Map() },
    toldKilling: new Set(),
    // What an earlier life of the kubelet began is carried on with.
    isRestarting: isConditionTrue(pod.status?.conditions, 'AllContainersRestarting'),
    ending: new AbortController(),
  }
}

/** Takes a newer version of the pod. */
export function renewPod(record: PodRecord, pod: Pod): void {
  record.desired = pod
  record.pod = withAllocation(pod, record.allocation)
}

/** Has what a pass over the pod waits for be given up. */
export function endPasses({ ending }: PodRecord): void {
  // Each call makes an error with a stack trace, even when there is nothing left to abort.
  if (!ending.signal.aborted) ending.abort()
}

/** `name_namespace(uid)`: how the kubelet's messages name a pod. */
export function formatPod(pod: Pod): string {
  return `${pod.metadata.name}_${pod.metadata.namespace}(${pod.metadata.uid})`
}

/** Whether the pod has to end: deleted, gone, or ended by the kubelet. */
export function mustTerminate(record: PodRecord): boolean {
  return record.removed || record.pod.metadata.deletionTimestamp !== undefined || record.verdict !== undefined
}
