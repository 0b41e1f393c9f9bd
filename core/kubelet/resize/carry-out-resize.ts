import type { Container, Pod } from '../../api/generated/core-v1.ts'
import { containerResources } from '../container/pod-resources.ts'
import type { KubeletParts } from '../pods/kubelet-parts.ts'
import type { PodRecord } from '../pods/pod-record.ts'
import { newestContainer } from '../pods/pod-state.ts'
import type { PodState } from '../pods/pod-state.ts'
import { shouldRestart } from '../pods/restart-policy.ts'
import type { ContainerResources, ContainerStatus } from '../runtime/specs.ts'
import { resizableContainers } from './allocation.ts'
import { isPodLimited, shrinkPod } from './pod-group.ts'
import { resizeMessage } from './resize-state.ts'
import { isSidecar } from '../../api/sidecars.ts'
import { sameCpu } from '../container/resource-fields.ts'

const retryMs = 5_000

/** Which resources of a running container are not what is set aside for it; nothing where the runtime cannot tell. */
function outdatedResources(
  pod: Pod,
  container: Container,
  running: ContainerStatus,
): Array<'cpu' | 'memory'> {
  const { resources: actual } = running
  if (!actual) return []
  const wanted = containerResources(pod, container)
  const sameMemory = actual.memoryLimitBytes === wanted.memoryLimitBytes
  return [
    ...(sameCpu(actual, wanted) ? [] : (['cpu'] as const)),
    ...(sameMemory ? [] : (['memory'] as const)),
  ]
}

/** Whether the change of one of its resources takes a restart of the container. */
export function resizeNeedsRestart(pod: Pod, container: Container, running: ContainerStatus): boolean {
  if (!container.resizePolicy?.some(({ restartPolicy }) => restartPolicy === 'RestartContainer')) return false
  return outdatedResources(pod, container, running).some((name) =>
    container.resizePolicy!.some(
      (policy) => policy.resourceName === name && policy.restartPolicy === 'RestartContainer',
    ),
  )
}

/**
 * Gives running containers the resources set aside for them, those apart that restart for it, and then the pod as a whole
 * its own, which `limitPod` has raised before where need be (upstream: kuberuntime doPodResizeAction). Answers when to try again after a failure, which the pod then shows.
 */
export async function carryOutResize(
  parts: KubeletParts,
  record: PodRecord,
  state: PodState,
): Promise<number | undefined> {
  const { runtime, cache } = parts
  // Without one nothing is compared: an engine that cannot limit memory would be asked for it over and over.
  if (!record.resize.inProgress) return undefined
  for (const container of resizableContainers(record.pod)) {
    const running = newestContainer(state, container.name)
    if (running?.state !== 'running') continue
    const outdated = outdatedResources(record.pod, container, running)
    if (outdated.length === 0 || resizeNeedsRestart(record.pod, container, running)) continue
    const wanted = containerResources(record.pod, container)
    try {
      if (outdated.includes('memory')) await checkUsage(parts, running, wanted)
      await runtime.updateContainer(running.id, wanted)
    } catch (error) {
      tellError(parts, record, (error as Error).message)
      return retryMs
    } finally {
      cache.invalidate(record.uid)
    }
  }
  try {
    await shrinkPod(parts, record, await cache.get(record.uid))
  } catch (error) {
    tellError(parts, record, (error as Error).message)
    return retryMs
  }
  return undefined
}

/** A limit below what is in use would have the kernel kill the container. */
async function checkUsage(
  parts: KubeletParts,
  running: ContainerStatus,
  { memoryLimitBytes }: ContainerResources,
): Promise<void> {
  const before = running.resources?.memoryLimitBytes ?? Infinity
  if (memoryLimitBytes === undefined || memoryLimitBytes >= before) return
  const usage = await parts.runtime.usage({ containers: [running.id], sandboxes: [] })
  const used = usage.containers.get(running.id)?.usageBytes ?? 0
  if (used <= memoryLimitBytes) return
  const limit = `memory limit (${memoryLimitBytes}) below current usage (${used})`
  throw new Error(`attempting to set container "${running.name}" ${limit}`)
}

function tellError(parts: KubeletParts, record: PodRecord, error: string): void {
  const { pod, resize } = record
  if (resize.inProgress?.error === error) return
  resize.inProgress = { error }
  const message = resizeMessage('Pod resize error', pod, error)
  parts.events.pod(pod, { type: 'Warning', reason: 'ResizeError', message })
}

/** Notes that every container has what is set aside for it, once that is so. */
export function concludeResize(parts: KubeletParts, record: PodRecord, state: PodState): void {
  const { pod, resize } = record
  if (!resize.inProgress) return
  if (!resizableContainers(pod).every((container) => hasItsResources(pod, container, state))) return
  if (!isPodLimited(parts, record, state)) return
  delete resize.inProgress
  const message = resizeMessage('Pod resize completed', pod)
  parts.events.pod(pod, { type: 'Normal', reason: 'ResizeCompleted', message })
}

function hasItsResources(pod: Pod, container: Container, state: PodState): boolean {
  const newest = newestContainer(state, container.name)
  if (newest?.state === 'running') return outdatedResources(pod, container, newest).length === 0
  // One that will run again is not there yet.
  return (
    newest?.state === 'exited' && !isSidecar(container) && !shouldRestart(pod, container, newest.exitCode)
  )
}
