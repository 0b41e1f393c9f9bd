import type { ContainerStatus, Pod } from '../../core/api/generated/core-v1.ts'
import { summarizePod } from '../../core/api/pod-status.ts'
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

/** The status word kubectl prints for a pod, with counts and its tone. */
export function podSummary(pod: Pod): PodSummary {
  const { status, readyContainers, totalContainers, restarts } = summarizePod(pod)
  const tone = status === 'Running' && readyContainers < totalContainers ? 'warn' : toneOf(status)
  return { text: status, tone, ready: readyContainers, total: totalContainers, restarts }
}
