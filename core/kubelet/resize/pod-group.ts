import { mostOf, podResources, samePodResources } from '../container/pod-resources.ts'
import type { KubeletParts } from '../pods/kubelet-parts.ts'
import type { PodRecord } from '../pods/pod-record.ts'
import { newestSandbox, type PodState } from '../pods/pod-state.ts'
import type { PodResources, SandboxStatus } from '../runtime/specs.ts'

/** What the pod as a whole is to be limited to; undefined where it is not. */
function wantedOf(parts: KubeletParts, record: PodRecord): PodResources | undefined {
  return podResources(record.pod, parts.node().podPidsLimit)
}

/**
 * Has the containers of a pod limited together before the first of them starts, also by a kubelet that found the pod
 * running. While it is resized the pod has the more of what it had and what it gets, so that there is always room for its
 * containers. Rejects where the node cannot (upstream: event FailedCreatePodContainer).
 */
export async function limitPod(
  parts: KubeletParts,
  record: PodRecord,
  sandbox: SandboxStatus,
): Promise<void> {
  const wanted = wantedOf(parts, record)
  // One that was begun without a group cannot be moved into one.
  if (!wanted || !sandbox.ownGroup) return
  const { resources: before } = sandbox
  if (before && samePodResources(before, wanted)) return
  try {
    await setLimits(parts, record, { sandbox, resources: before ? mostOf(before, wanted) : wanted })
  } catch (error) {
    const message = `unable to ensure pod container exists: ${(error as Error).message}`
    parts.events.pod(record.pod, { type: 'Warning', reason: 'FailedCreatePodContainer', message })
    throw error
  }
}

/** Takes from a pod whose containers have been resized what it has too much. Rejects where it uses more. */
export async function shrinkPod(parts: KubeletParts, record: PodRecord, state: PodState): Promise<void> {
  const sandbox = newestSandbox(state)
  const wanted = wantedOf(parts, record)
  if (!sandbox || !wanted) return
  if (!sandbox.ownGroup) {
    throw new Error('the pod began without resources of its own, and has no control group to limit')
  }
  const { resources: before } = sandbox
  if (before && samePodResources(before, wanted)) return
  await checkUsage(parts, state, { before, wanted })
  await setLimits(parts, record, { sandbox, resources: wanted })
}

/** Whether the pod as a whole has what is set aside for it. */
export function isPodLimited(parts: KubeletParts, record: PodRecord, state: PodState): boolean {
  const sandbox = newestSandbox(state)
  const wanted = wantedOf(parts, record)
  if (!wanted || sandbox?.state !== 'ready') return true
  return sandbox.resources !== undefined && samePodResources(sandbox.resources, wanted)
}

async function setLimits(
  parts: KubeletParts,
  record: PodRecord,
  to: { sandbox: SandboxStatus; resources: PodResources },
): Promise<void> {
  const { sandbox, resources } = to
  if (sandbox.resources && samePodResources(sandbox.resources, resources)) return
  try {
    await parts.runtime.limitSandbox(sandbox.id, resources)
  } finally {
    parts.cache.invalidate(record.uid)
  }
}

/** A limit below what is in use would have the kernel kill containers. */
async function checkUsage(
  parts: KubeletParts,
  state: PodState,
  limits: { before: PodResources | undefined; wanted: PodResources },
): Promise<void> {
  const { memoryLimitBytes: limit } = limits.wanted
  if (limit === undefined || limit >= (limits.before?.memoryLimitBytes ?? Infinity)) return
  const running = state.containers.filter((container) => container.state === 'running').map(({ id }) => id)
  const usage = await parts.runtime.usage({ containers: running, sandboxes: [] })
  const used = [...usage.containers.values()].reduce((sum, { usageBytes }) => sum + usageBytes, 0)
  if (used <= limit) return
  throw new Error(`attempting to set pod memory limit (${limit}) below current usage (${used})`)
}
