import type { Pod } from '../../api/generated/core-v1.ts'
import { parseAmounts, podRequests } from '../../api/pod-requests.ts'
import type { KubeletParts } from '../pods/kubelet-parts.ts'
import type { PodRecord } from '../pods/pod-record.ts'
import { newestSandbox } from '../pods/pod-state.ts'
import type { PodState } from '../pods/pod-state.ts'
import { desiredAllocation, isAllocated, isWholeAllocated, withAllocation } from './allocation.ts'
import { resizeMessage } from './resize-state.ts'
import type { ResizeState } from './resize-state.ts'

/** What a deferred resize waits for may come from any pod of the node. */
const deferredRetryMs = 10_000

/**
 * Decides on a change of a pod's resources (upstream: kubelet allocation manager handlePodResourcesResize): accepted, it is
 * set aside for the pod from now on; else the pod shows why not, and keeps what it has. Answers when to look again.
 */
export function reviewResize(parts: KubeletParts, record: PodRecord, state: PodState): number | undefined {
  const { desired, resize } = record
  if (isAllocated(desired, record.allocation)) {
    delete resize.pending
    return undefined
  }
  const refusal = lacksGroup(record, state) ?? judge(parts, desired)
  if (!refusal) {
    delete resize.pending
    resize.inProgress = {}
    record.allocation = desiredAllocation(desired)
    record.pod = withAllocation(desired, record.allocation)
    const message = resizeMessage('Pod resize started', record.pod)
    parts.events.pod(desired, { type: 'Normal', reason: 'ResizeStarted', message })
    return undefined
  }
  const { reason, message } = refusal
  if (resize.pending?.reason !== reason || resize.pending.message !== message) {
    resize.pending = refusal
    parts.events.pod(desired, {
      type: 'Warning',
      reason: `Resize${reason}`,
      message: resizeMessage(`Pod resize ${reason}`, desired, message),
    })
  }
  return reason === 'Deferred' ? deferredRetryMs : undefined
}

/** A pod that began without a control group cannot be moved into one, and nothing else would bind its containers together. */
function lacksGroup({ desired, allocation }: PodRecord, state: PodState): ResizeState['pending'] {
  const sandbox = newestSandbox(state)
  if (isWholeAllocated(desired, allocation) || sandbox?.state !== 'ready' || sandbox.ownGroup)
    return undefined
  const message = 'Resize of pod-level resources is infeasible for a pod that began without any'
  return { reason: 'Infeasible', message }
}

/** Why the node cannot give the pod what it asks for: ever, or as long as the others stay. */
function judge(parts: KubeletParts, desired: Pod): ResizeState['pending'] {
  const capacity = parseAmounts(parts.node().allocatable)
  const asked = requestsOf(desired)
  const others = parts.activePods().filter(({ metadata }) => metadata.uid !== desired.metadata.uid)
  for (const [name, key] of [
    ['cpu', 'milliCpu'],
    ['memory', 'memory'],
  ] as const) {
    if (asked[key] <= capacity[key]) continue
    const amounts = `requested: ${asked[key]}, capacity: ${capacity[key]}`
    return { reason: 'Infeasible', message: `Node didn't have enough capacity: ${name}, ${amounts}` }
  }
  const used = others.map(requestsOf)
  for (const [name, key] of [
    ['cpu', 'milliCpu'],
    ['memory', 'memory'],
  ] as const) {
    const taken = used.reduce((sum, amounts) => sum + amounts[key], 0)
    if (taken + asked[key] <= capacity[key]) continue
    const amounts = `requested: ${asked[key]}, used: ${taken}, capacity: ${capacity[key]}`
    return { reason: 'Deferred', message: `Node didn't have enough resource: ${name}, ${amounts}` }
  }
  return undefined
}

/** By the spec alone: what the status tells is about containers that are to change. */
function requestsOf({ metadata, spec }: Pod): ReturnType<typeof podRequests> {
  return podRequests({ metadata, spec })
}
