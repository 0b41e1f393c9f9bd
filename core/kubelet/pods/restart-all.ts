import { matchingRestartRule } from '../../api/restart-rules.ts'
import type { Container, Pod } from '../../api/generated/core-v1.ts'
import type { ContainerStatus } from '../runtime/specs.ts'
import { restartDelay } from './back-off.ts'
import { killAll } from './kill-container.ts'
import type { KubeletParts } from './kubelet-parts.ts'
import type { PodRecord } from './pod-record.ts'
import { newestContainer } from './pod-state.ts'
import type { PodState } from './pod-state.ts'
import type { SyncResult } from './pod-workers.ts'
import { reportStatus } from './report-status.ts'

/** A container that has all of its pod begin anew, and how it ended. */
interface Source {
  container: Container
  previous: ContainerStatus
}

function sourcesOf(pod: Pod, state: PodState): Source[] {
  return [...(pod.spec.initContainers ?? []), ...pod.spec.containers].flatMap((container) => {
    const previous = newestContainer(state, container.name)
    if (previous?.state !== 'exited') return []
    const rule = matchingRestartRule(container, previous.exitCode)
    return rule?.action === 'RestartAllContainers' ? [{ container, previous }] : []
  })
}

/**
 * Carries out the rule RestartAllContainers, in as many passes as it takes: every container but ephemeral ones is ended at
 * once, without its preStop hook, and removed, whereupon the pod begins with its init containers in the same sandbox
 * (upstream: kuberuntime SyncPod, RestartAllContainersOnContainerExits). Those that bring it about are backed off as ever.
 * Undefined when there is nothing to do.
 */
export async function restartAll(
  parts: KubeletParts,
  record: PodRecord,
  state: PodState,
): Promise<SyncResult | undefined> {
  const { pod } = record
  const sources = sourcesOf(pod, state)
  if (sources.length === 0 && !record.isRestarting) return undefined
  record.isRestarting = true
  const ephemeral = new Set((pod.spec.ephemeralContainers ?? []).map(({ name }) => name))
  const all = state.containers.filter(({ name }) => !ephemeral.has(name))
  const running = all.filter((container) => container.state === 'running')
  killAll(
    parts,
    record,
    state,
    running.map((container) => ({
      container,
      message: `Container ${container.name} will be restarted with all others of its pod`,
      graceSeconds: 0,
    })),
  )
  const delays = sources.map((source) => restartDelay(parts, record, source))
  const waits = delays.filter(({ remainingMs }) => remainingMs > 0).map(({ lookAgainMs }) => lookAgainMs)
  // How they ended is known from their statuses alone, once they are gone.
  reportStatus(parts, record, state)
  if (running.length > 0) return {}
  if (waits.length > 0) return { requeueAfterMs: Math.min(...waits) }
  // The reason to restart goes last: whoever is interrupted here finds it again.
  const ids = new Set(sources.map(({ previous }) => previous.id))
  for (const { id } of all.toSorted((a, b) => Number(ids.has(a.id)) - Number(ids.has(b.id)))) {
    await parts.runtime.removeContainer(id)
  }
  parts.cache.invalidate(record.uid)
  for (const delay of delays) delay.passed()
  for (const { container } of sources) record.waiting.delete(container.name)
  record.isRestarting = false
  reportStatus(parts, record, await parts.cache.get(record.uid))
  return { requeueAfterMs: 0 }
}
