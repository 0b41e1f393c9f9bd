import type { Container } from '../../api/generated/core-v1.ts'
import { formatGoMilliseconds } from '../../util/go-duration.ts'
import { containerHash } from '../container/container-spec.ts'
import type { ContainerStatus } from '../runtime/specs.ts'
import type { KubeletParts } from './kubelet-parts.ts'
import { formatPod } from './pod-record.ts'
import type { PodRecord } from './pod-record.ts'

/** The wait between the end of a container and its next start; it grows with each. */
export interface RestartDelay {
  /** Milliseconds left, of which the pod has been told; 0 when it may start. */
  remainingMs: number
  /** Milliseconds until the pod is to be looked at again: to start it, or because it waits for a reason that is told only then. */
  lookAgainMs: number
  /** Notes that it is started. */
  passed(): void
}

/**
 * For how long the end of a container is what its status shows, at most: upstream notes CrashLoopBackOff in one pass over the pod and
 * tells it in the next, which comes this much later (kubelet backOffPeriod).
 */
const endShownMs = 10_000

/** How long a container that ended has to wait (upstream: kuberuntime doBackOff). */
export function restartDelay(
  parts: KubeletParts,
  record: PodRecord,
  { container, previous }: { container: Container; previous: ContainerStatus },
): RestartDelay {
  const key = `${record.uid}_${container.name}_${containerHash(container)}`
  const endedAt = Date.parse(previous.finishedAt ?? previous.createdAt)
  const remainingMs = parts.restarts.remainingMs(key, endedAt)
  let lookAgainMs = remainingMs
  if (remainingMs > 0) {
    const delayMs = parts.restarts.currentMs(key)
    const shownUntil = endedAt + Math.min(endShownMs, delayMs / 2)
    tellBackOff(parts, record, { container, delayMs, shownUntil })
    const unseenMs = (record.waiting.get(container.name)?.from ?? 0) - parts.clock.now()
    if (unseenMs > 0) lookAgainMs = Math.min(remainingMs, unseenMs)
  }
  return { remainingMs, lookAgainMs, passed: () => parts.restarts.next(key, endedAt) }
}

function tellBackOff(
  parts: KubeletParts,
  record: PodRecord,
  what: { container: Container; delayMs: number; shownUntil: number },
): void {
  const { pod, waiting } = record
  const { name } = what.container
  const delay = formatGoMilliseconds(Math.round(what.delayMs / 1000) * 1000)
  const message = `back-off ${delay} restarting failed container=${name} pod=${formatPod(pod)}`
  const earlier = waiting.get(name)
  if (earlier?.message === message) return
  waiting.set(name, { reason: 'CrashLoopBackOff', message, ...(!earlier && { from: what.shownUntil }) })
  parts.events.container(pod, name, {
    type: 'Warning',
    reason: 'BackOff',
    message: `Back-off restarting failed container ${name} in pod ${formatPod(pod)}`,
  })
}
