import type { ContainerStatus, Pod } from '../generated/core-v1.ts'
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

/** What a pod's row carries: its status in kubectl's words, counts, place and containers. */
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
    containers: [
      ...containersOf(pod.spec?.initContainers, pod.status?.initContainerStatuses, true),
      ...containersOf(pod.spec?.containers, pod.status?.containerStatuses, false),
    ],
  }
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
