import type { Pod, PodStatus } from '../../api/generated/core-v1.ts'
import { killRunning } from './kill-container.ts'
import type { KubeletParts } from './kubelet-parts.ts'
import type { PodRecord } from './pod-record.ts'
import type { PodState } from './pod-state.ts'
import type { SyncResult } from './pod-workers.ts'
import { reportStatus } from './report-status.ts'

/** A pod that was asked to end reports a final phase: Failed when a container failed, else Succeeded. */
function finalVerdict(pod: Pod, status: PodStatus): PodRecord['verdict'] {
  if (status.phase === 'Succeeded' || status.phase === 'Failed') return undefined
  const codes = (status.containerStatuses ?? []).map((container) => container.state?.terminated?.exitCode)
  const failed = codes.some((code) => code !== 0) || codes.length === 0
  return { phase: failed ? 'Failed' : 'Succeeded', reason: '', message: '' }
}

/**
 * One pass over a pod that has to end: first its containers get their grace period, then sandbox, network and volumes
 * go, then the final status is written and the API object removed. Level-based: every pass does what can be done now.
 */
export async function terminatePod(
  parts: KubeletParts,
  record: PodRecord,
): Promise<SyncResult & { gone: boolean }> {
  const { cache, runtime, network, statuses, api } = parts
  const { uid, pod } = record
  parts.images.forget(uid)
  parts.probes.stopKillers(uid)
  let state = await cache.get(uid)
  if (killRunning(parts, record, state)) {
    if (!record.verdict) reportStatus(parts, record, state)
    return { gone: false }
  }
  parts.probes.forget(uid)
  const status = reportStatus(parts, record, state)
  await releaseSandboxes(parts, record, state)
  const isDeleted = record.removed || pod.metadata.deletionTimestamp !== undefined
  // A pod that only ended keeps its dead containers: their logs are still asked for.
  if (!isDeleted) return { gone: false }

  if (!record.removed) {
    const verdict = record.verdict ?? finalVerdict(pod, status)
    if (verdict) {
      const { phase } = verdict
      statuses.report(pod, { ...statuses.current(pod), phase })
    }
  }
  state = await cache.get(uid)
  await parts.logArchive.save(state.containers)
  await Promise.all(state.containers.map(({ id }) => runtime.removeContainer(id)))
  await runtime.removeVolumes(uid)
  network.release(uid)
  await statuses.flush(uid)
  if (!record.removed) await api.deletePod(pod)
  forgetPod(parts, uid)
  return { gone: true }
}

/** Ends what keeps a finished pod's network and mounts alive. */
export async function releaseSandboxes(
  parts: KubeletParts,
  record: PodRecord,
  state: PodState,
): Promise<void> {
  if (state.sandboxes.length === 0) return
  await parts.network.tearDown(record.uid)
  delete record.networkOf
  try {
    await Promise.all(state.sandboxes.map(({ id }) => parts.runtime.removeSandbox(id)))
  } finally {
    parts.cache.invalidate(record.uid)
  }
}

function forgetPod(parts: KubeletParts, uid: string): void {
  parts.restarts.forget(`${uid}_`)
  parts.statuses.forget(uid)
  parts.volumes.forget(uid)
  parts.cache.forget(uid)
}
