import type { ContainerStatus, Pod } from '../../core/api/generated/core-v1.ts'
import { isConditionTrue } from '../../core/api/conditions.ts'
import { toneOf, type Tone } from './tone.ts'

export interface PodSummary {
  text: string
  tone: Tone
  ready: number
  total: number
  restarts: number
}

/** Why a container is not running, in one word; '' when it runs. */
export function containerReason(status: ContainerStatus | undefined): string {
  if (!status?.state) return 'Waiting'
  const { running, terminated, waiting } = status.state
  if (running) return ''
  if (terminated) return terminated.reason ?? (terminated.exitCode === 0 ? 'Completed' : 'Error')
  return waiting?.reason ?? 'Waiting'
}

/** Colour of a container by its state: ready, running but not ready, waiting, failed, done. */
export function containerTone(status: ContainerStatus | undefined): Tone {
  const reason = containerReason(status)
  if (reason === '') return status?.ready ? 'ok' : 'warn'
  if (reason === 'Completed') return 'off'
  return reason === 'Waiting' ? 'progress' : toneOf(reason)
}

function initReason(pod: Pod): string {
  const statuses = pod.status?.initContainerStatuses ?? []
  const total = pod.spec.initContainers?.length ?? 0
  for (const [index, status] of statuses.entries()) {
    const terminated = status.state?.terminated
    if (terminated?.exitCode === 0) continue
    const isSidecar = pod.spec.initContainers?.[index]?.restartPolicy === 'Always'
    if (isSidecar && status.started) continue
    if (terminated) return `Init:${terminated.reason ?? `ExitCode:${terminated.exitCode}`}`
    const waiting = status.state?.waiting?.reason
    return waiting && waiting !== 'PodInitializing' ? `Init:${waiting}` : `Init:${index}/${total}`
  }
  return ''
}

/** The status word kubectl prints for a pod, with counts (upstream: pkg/printers/internalversion printPod). */
export function podSummary(pod: Pod): PodSummary {
  const statuses = pod.status?.containerStatuses ?? []
  const total = pod.spec.containers.length
  const ready = statuses.filter((status) => status.ready).length
  const restarts = statuses.reduce((sum, status) => sum + status.restartCount, 0)
  let text: string = pod.status?.reason || pod.status?.phase || 'Pending'
  const scheduled = pod.status?.conditions?.find((condition) => condition.type === 'PodScheduled')
  if (scheduled?.reason === 'SchedulingGated') text = 'SchedulingGated'
  const init = initReason(pod)
  if (init) text = init
  else {
    const reasons = statuses.map(containerReason).filter((reason) => reason && reason !== 'Waiting')
    const failing = reasons.find((reason) => reason !== 'Completed')
    if (failing) text = failing
    else if (reasons.length && reasons.length === statuses.length) text = 'Completed'
    else if (statuses.some((status) => status.state?.running))
      text = isConditionTrue(pod.status?.conditions, 'Ready') || ready === total ? 'Running' : 'NotReady'
    if (text === 'NotReady' && pod.status?.phase === 'Running') text = 'Running'
  }
  if (pod.metadata.deletionTimestamp) text = 'Terminating'
  const tone = text === 'Running' && ready < total ? 'warn' : toneOf(text)
  return { text, tone, ready, total, restarts }
}
