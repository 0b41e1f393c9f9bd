import type { ContainerStatus, Pod } from '../../api/generated/core-v1.ts'
import { canRestartAll } from '../../api/restart-rules.ts'
import { shouldRestart, shouldRestartInit } from '../pods/restart-policy.ts'
import { isSidecar } from '../../api/sidecars.ts'

export type PodPhase = 'Pending' | 'Running' | 'Succeeded' | 'Failed'

/** The phase that the containers' statuses add up to (upstream: kubelet getPhase). */
export function podPhase(
  pod: Pod,
  statuses: { init: readonly ContainerStatus[]; app: readonly ContainerStatus[] },
): PodPhase {
  const { initContainers = [], containers } = pod.spec
  let pendingInit = 0
  let failedInit = 0
  for (const container of initContainers) {
    const status = statuses.init.find(({ name }) => name === container.name)
    if (isSidecar(container)) {
      if (!status?.started) pendingInit++
      continue
    }
    const { terminated, waiting, running } = status?.state ?? {}
    const ended = terminated ?? (waiting ? status?.lastState?.terminated : undefined)
    if (running) pendingInit++
    else if (!ended) pendingInit++
    else if (ended.exitCode !== 0) {
      pendingInit++
      if (terminated && !shouldRestartInit(pod, container, ended.exitCode)) failedInit++
    }
  }
  let running = 0
  let waitingCount = 0
  let stopped = 0
  let succeeded = 0
  let restarting = 0
  for (const container of containers) {
    const status = statuses.app.find(({ name }) => name === container.name)
    const ended = status?.state?.terminated ?? status?.lastState?.terminated
    // Of a pod that began anew, what waits is started whatever became of it before.
    const isAnew = status?.state?.waiting !== undefined && canRestartAll(pod.spec)
    if (ended && (isAnew || shouldRestart(pod, container, ended.exitCode))) restarting++
    if (status?.state?.running) running++
    else if (status?.state?.terminated) {
      stopped++
      if (status.state.terminated.exitCode === 0) succeeded++
    } else if (status?.lastState?.terminated) stopped++
    else waitingCount++
  }
  if (failedInit > 0) return 'Failed'
  const appEverRan = running + stopped > 0
  if (pendingInit > 0 && !appEverRan) return 'Pending'
  if (waitingCount > 0) return 'Pending'
  if (running > 0) return 'Running'
  if (stopped === 0) return 'Pending'
  if (restarting > 0) return 'Running'
  return stopped === succeeded ? 'Succeeded' : 'Failed'
}
