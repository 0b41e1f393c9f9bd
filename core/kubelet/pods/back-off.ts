import type { Container } from '../../api/generated/core-v1.ts'
import { containerHash } from '../container/container-spec.ts'
import type { ContainerStatus } from '../runtime/runtime.ts'
import type { KubeletParts } from './kubelet-parts.ts'
import { formatPod } from './pod-record.ts'
import type { PodRecord } from './pod-record.ts'

/** The wait between the end of a container and its next start; it grows with each. */
export interface RestartDelay {
  /** Milliseconds left, of which the pod has been told; 0 when it may start. */
  remainingMs: number
  /** Notes that it is started. */
  passed(): void
}

/** How long a container that ended has to wait (upstream: kuberuntime doBackOff). */
export function restartDelay(
  parts: KubeletParts,
  record: PodRecord,
  { container, previous }: { container: Container; previous: ContainerStatus },
): RestartDelay {
  const key = `${record.uid}_${container.name}_${containerHash(container)}`
  const endedAt = Date.parse(previous.finishedAt ?? previous.createdAt)
  const remainingMs = parts.restarts.remainingMs(key, endedAt)
  if (remainingMs > 0) tellBackOff(parts, record, { container, delayMs: parts.restarts.currentMs(key) })
  return { remainingMs, passed: () => parts.restarts.next(key, endedAt) }
}

function tellBackOff(
  parts: KubeletParts,
  record: PodRecord,
  what: { container: Container; delayMs: number },
): void {
  const { pod, waiting } = record
  const { name } = what.container
  const delay = formatDelay(what.delayMs)
  const message = `back-off ${delay} restarting failed container=${name} pod=${formatPod(pod)}`
  if (waiting.get(name)?.message === message) return
  waiting.set(name, { reason: 'CrashLoopBackOff', message })
  parts.events.container(pod, name, {
    type: 'Warning',
    reason: 'BackOff',
    message: `Back-off restarting failed container ${name} in pod ${formatPod(pod)}`,
  })
}

/** As Go prints whole seconds: `10s`, `1m20s`, `5m0s`. */
function formatDelay(milliseconds: number): string {
  const seconds = Math.round(milliseconds / 1000)
  return seconds < 60 ? `${seconds}s` : `${Math.floor(seconds / 60)}m${seconds % 60}s`
}
