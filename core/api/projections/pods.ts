import type { ContainerStatus, Pod } from '../generated/core-v1.ts'
import { findCondition } from '../conditions.ts'
import { podLimits, podRequests, type Amounts } from '../pod-requests.ts'
import { summarizePod } from '../pod-status.ts'

/** One container in a pod's row. */
export interface ContainerProjection {
  name: string
  /** `running`, `waiting` or `terminated`; absent while the kubelet has said nothing. */
  state?: 'running' | 'waiting' | 'terminated'
  reason?: string
  ready: boolean
  restarts: number
  /** Present on init containers. */
  init?: true
}

/** CPU in millicores and memory in bytes, as a row carries them. 0 stands for none. */
export interface AmountsProjection {
  milliCpu: number
  memory: number
}

/** What a pod's row carries: its status in kubectl's words, counts, place, containers and what they ask for. */
export function projectPod(pod: Pod): Record<string, unknown> {
  const { status, readyContainers, totalContainers, restarts, lastRestart } = summarizePod(pod)
  return {
    status,
    phase: pod.status?.phase,
    ready: readyContainers,
    total: totalContainers,
    restarts,
    ...(lastRestart && { lastRestart }),
    node: pod.spec?.nodeName,
    ip: pod.status?.podIP,
    qos: pod.status?.qosClass,
    ...(isUnschedulable(pod) && { unschedulable: true }),
    ...(pod.spec && { requests: projectAmounts(podRequests(pod)), limits: projectAmounts(podLimits(pod)) }),
    containers: [
      ...containersOf(pod.spec?.initContainers, pod.status?.initContainerStatuses, true),
      ...containersOf(pod.spec?.containers, pod.status?.containerStatuses, false),
    ],
  }
}

function isUnschedulable({ status }: Pod): boolean {
  const scheduled = findCondition(status?.conditions, 'PodScheduled')
  return scheduled?.status === 'False' && scheduled.reason === 'Unschedulable'
}

function projectAmounts({ milliCpu, memory }: Amounts): AmountsProjection {
  return { milliCpu, memory }
}

function containersOf(
  specs: Array<{ name: string }> | undefined,
  statuses: ContainerStatus[] | undefined,
  isInit: boolean,
): ContainerProjection[] {
  const byName = new Map((statuses ?? []).map((status) => [status.name, status]))
  return (specs ?? []).map(({ name }) => {
    const status = byName.get(name)
    const { running, waiting, terminated } = status?.state ?? {}
    const state = running ? 'running' : terminated ? 'terminated' : waiting ? 'waiting' : undefined
    const reason = terminated?.reason ?? waiting?.reason
    return {
      name,
      ...(state && { state }),
      ...(reason && { reason }),
      ready: status?.ready ?? false,
      restarts: status?.restartCount ?? 0,
      ...(isInit && { init: true as const }),
    }
  })
}
