import type { PodStatus } from '../../api/generated/core-v1.ts'
import { admitPod } from './admit-pod.ts'
import type { KubeletParts } from './kubelet-parts.ts'
import { ensureImageVolumes } from './image-volumes.ts'
import { killAll, killRunning } from './kill-container.ts'
import { computePodActions } from './pod-actions.ts'
import type { ActionInput, PodActions } from './pod-actions.ts'
import { mustTerminate } from './pod-record.ts'
import type { PodRecord } from './pod-record.ts'
import { isAnythingRunning, newestSandbox } from './pod-state.ts'
import type { PodState } from './pod-state.ts'
import type { SyncResult } from './pod-workers.ts'
import { choosesNode, refuseMisplaced } from './refuse-misplaced.ts'
import { refuseUnfit, shortfalls } from './refuse-unfit.ts'
import { refreshVolumes } from './refresh-volumes.ts'
import { carryOutResize, concludeResize } from '../resize/carry-out-resize.ts'
import { makeRoom } from '../eviction/preempt-pods.ts'
import { refuseUnderPressure } from '../eviction/refuse-under-pressure.ts'
import { limitPod } from '../resize/pod-group.ts'
import { reviewResize } from '../resize/review-resize.ts'
import { reportStatus } from './report-status.ts'
import { restartAll } from './restart-all.ts'
import { startContainer } from './start-container.ts'
import { ensureNetwork, startSandbox } from './start-sandbox.ts'
import { enforceVolumeLimits } from './volume-limits.ts'
import { releaseSandboxes } from './terminate-pod.ts'

/** Looking again whether those that make way for a critical pod are gone. */
const makingRoomMs = 1_000
/** How many dead incarnations of a container stay, for `logs --previous` and lastState (upstream: MaxPerPodContainer). */
const keptDeadContainers = 1

/**
 * One pass over a pod that is to run: brings sandbox and containers closer to the spec and reports the status. Level-based
 * and short: pulls and kills go on in the background and have the pod looked at again when they end.
 */
export async function syncPod(parts: KubeletParts, record: PodRecord): Promise<SyncResult> {
  let state = await parts.cache.get(record.uid)
  const reported = parts.statuses.current(record.pod)
  if (isFinal(reported)) return finishPod(parts, record, state)
  const deadline = deadlineOf(record, reported, parts.clock.now())
  if (deadline.passed) {
    const reason = 'DeadlineExceeded'
    const message = 'Pod was active on the node longer than the specified deadline'
    parts.events.pod(record.pod, { type: 'Normal', reason, message })
    record.verdict = { phase: 'Failed', reason, message }
    return { requeueAfterMs: 0 }
  }
  const refusal = await refuse(parts, record, state)
  if (refusal) return refusal
  // The first report carries startTime, and shows the pod as ContainerCreating while the sandbox is made.
  if (reported.startTime === undefined) reportStatus(parts, record, state)

  const reviewInMs = reviewResize(parts, record, state)
  parts.probes.update(record.pod, state)
  const restarting = await restartAll(parts, record, state)
  if (restarting) return restarting
  let actions = plan(parts, record, state)
  killAll(parts, record, state, actions.kills)
  if (actions.createSandbox !== undefined && actions.kills.length === 0) {
    const waiting = await ensureImageVolumes(parts, record)
    if (waiting) {
      reportStatus(parts, record, state)
      return waiting
    }
    const { id: current } = await startSandbox(parts, record, actions.createSandbox)
    const old = state.sandboxes.filter(({ id }) => id !== current)
    await Promise.all(old.map(({ id }) => parts.runtime.removeSandbox(id)))
    state = await parts.cache.get(record.uid)
    actions = plan(parts, record, state)
  }
  const sandbox = newestSandbox(state)
  const delays = [deadline.remainingMs, reviewInMs]
  if (sandbox?.state === 'ready') {
    if (mustTerminate(record)) return { requeueAfterMs: 0 }
    await ensureNetwork(parts, record, sandbox)
    await limitPod(parts, record, sandbox)
    // How they ended is told before they start again, as upstream, whose every pass begins with the status.
    if (actions.starts.some(({ previous }) => previous)) {
      reportStatus(parts, record, state)
      // What is started again finds what its volumes are made of now, by sub-paths too, which stay as they were at the start.
      await refreshVolumes(parts, record, sandbox, 'now')
    }
    for (const start of actions.starts) {
      if (mustTerminate(record)) return { requeueAfterMs: 0 }
      const { requeueAfterMs } = await startContainer(parts, { record, sandbox }, start)
      delays.push(requeueAfterMs)
    }
    delays.push(await carryOutResize(parts, record, state))
    delays.push(await refreshVolumes(parts, record, sandbox))
    delays.push(await enforceVolumeLimits(parts, record, sandbox))
    state = await parts.cache.get(record.uid)
  }
  parts.probes.update(record.pod, state)
  concludeResize(parts, record, state)
  const status = reportStatus(parts, record, state)
  if (isFinal(status)) return { requeueAfterMs: 0 }
  removeOldContainers(parts, record, state)
  const shortest = Math.min(...delays.filter((delay) => delay !== undefined))
  return Number.isFinite(shortest) ? { requeueAfterMs: shortest } : {}
}

/** A pod that the node cannot run as it asks for fails before anything of it is made. */
async function refuse(
  parts: KubeletParts,
  record: PodRecord,
  state: PodState,
): Promise<SyncResult | undefined> {
  if (state.sandboxes.length + state.containers.length > 0) return undefined
  const { name } = parts.node()
  const node = choosesNode(record.pod) ? await parts.api.getNode(name) : parts.api.seenNode(name)
  const { machine, allocatable, allowedUnsafeSysctls } = parts.node()
  const others = parts.activePods().filter(({ metadata }) => metadata.uid !== record.uid)
  const lacking = shortfalls(record.pod, others, allocatable)
  const refusal =
    refuseUnderPressure(record.pod, parts.pressures()) ??
    admitPod(record.pod, { ...machine, allowedUnsafeSysctls }) ??
    refuseMisplaced(record.pod, node, others) ??
    (makeRoom(parts, record.pod, { others, lacking }) ? undefined : refuseUnfit(lacking))
  if (!refusal) return lacking.length > 0 ? { requeueAfterMs: makingRoomMs } : undefined
  const { reason, message } = refusal
  parts.metrics?.refused(reason)
  parts.events.pod(record.pod, { type: 'Warning', reason, message })
  record.verdict = { phase: 'Failed', reason, message: `Pod was rejected: ${message}`, isRejection: true }
  return { requeueAfterMs: 0 }
}

function isFinal(status: PodStatus): boolean {
  return status.phase === 'Succeeded' || status.phase === 'Failed'
}

function deadlineOf(
  record: PodRecord,
  status: PodStatus,
  now: number,
): { passed: boolean; remainingMs: number | undefined } {
  const { activeDeadlineSeconds } = record.pod.spec
  if (activeDeadlineSeconds === undefined || status.startTime === undefined) {
    return { passed: false, remainingMs: undefined }
  }
  const remainingMs = Date.parse(status.startTime) + Number(activeDeadlineSeconds) * 1000 - now
  return { passed: remainingMs <= 0, remainingMs }
}

function plan(parts: KubeletParts, record: PodRecord, state: PodState): PodActions {
  const {
    containerStatuses = [],
    initContainerStatuses = [],
    ephemeralContainerStatuses = [],
  } = parts.statuses.current(record.pod)
  const input: ActionInput = {
    pod: record.pod,
    state,
    reportedRestarts: new Map(
      [...containerStatuses, ...initContainerStatuses, ...ephemeralContainerStatuses]
        .filter((status) => status.containerID !== undefined)
        .map((status) => [status.name, status.restartCount]),
    ),
    failedProbes: parts.probes.failed(record.uid),
    isResized: record.resize.inProgress !== undefined,
    isStarted: (id) => parts.probes.isStarted(id),
  }
  return computePodActions(input)
}

/** A pod whose phase is final: its sandbox and address go, its dead containers stay for their logs. */
async function finishPod(parts: KubeletParts, record: PodRecord, state: PodState): Promise<SyncResult> {
  parts.probes.forget(record.uid)
  if (killRunning(parts, record, state)) return {}
  if (isAnythingRunning(state) || state.sandboxes.length > 0) {
    reportStatus(parts, record, state)
    await releaseSandboxes(parts, record, state)
    parts.network.release(record.uid)
  }
  return {}
}

/** Removes dead containers beyond those kept, in the background: nothing waits for it. */
function removeOldContainers(parts: KubeletParts, record: PodRecord, state: PodState): void {
  const seen = new Map<string, number>()
  const old = state.containers.filter((container) => {
    if (container.state === 'running') {
      seen.set(container.name, seen.get(container.name) ?? 0)
      return false
    }
    if (container.state !== 'exited') return false
    const count = (seen.get(container.name) ?? 0) + 1
    seen.set(container.name, count)
    // The newest one may be the current, dead incarnation: it stays beside the one before it.
    return count > keptDeadContainers + 1
  })
  if (old.length === 0) return
  void Promise.all(old.map(({ id }) => parts.runtime.removeContainer(id)))
    .catch((error: unknown) => parts.log.warn('dead containers could not be removed', { error }))
    .finally(() => parts.cache.invalidate(record.uid))
}
