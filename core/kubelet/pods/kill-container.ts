import type { Container, Pod } from '../../api/generated/core-v1.ts'
import type { ContainerStatus } from '../runtime/specs.ts'
import type { KubeletParts } from './kubelet-parts.ts'
import type { ContainerKill } from './pod-actions.ts'
import type { PodRecord } from './pod-record.ts'
import { newestSandbox } from './pod-state.ts'
import type { PodState } from './pod-state.ts'
import { isSidecar } from '../../api/sidecars.ts'

const defaultGraceSeconds = 30
/** Pods that vanished from the API server were deleted by force. */
const forcedGraceSeconds = 1

/** Seconds the pod's processes still have to end by themselves; a failed probe's own grace period replaces the pod's. */
function remainingGrace(record: PodRecord, now: number, probeGrace?: number): number {
  const { metadata, spec } = record.pod
  if (record.removed) return forcedGraceSeconds
  if (record.verdict?.graceSeconds !== undefined) return record.verdict.graceSeconds
  const own = probeGrace ?? spec.terminationGracePeriodSeconds ?? defaultGraceSeconds
  const grace = Number(metadata.deletionGracePeriodSeconds ?? own)
  if (metadata.deletionTimestamp === undefined) return grace
  // The API server's timestamp already includes the grace period; whole seconds only.
  const left = Math.ceil((Date.parse(metadata.deletionTimestamp) - now) / 1000)
  return Math.max(Math.min(grace, left), 0)
}

interface Kill {
  status: ContainerStatus
  message: string
  podIp: string
  graceSeconds?: number
  /** False while others must end first. */
  mayStop?: boolean
}

/** Has one container end in the background: tells of it once, runs its preStop hook within its grace period. */
export function killContainer(parts: KubeletParts, record: PodRecord, kill: Kill): void {
  const { pod } = record
  const { status, message, podIp, mayStop = true } = kill
  if (!record.toldKilling.has(status.id)) {
    record.toldKilling.add(status.id)
    parts.events.container(pod, status.name, { type: 'Normal', reason: 'Killing', message })
  }
  const graceSeconds = remainingGrace(record, parts.clock.now(), kill.graceSeconds)
  parts.killer.kill({ pod, container: specOf(pod, status.name), status, podIp, graceSeconds, mayStop })
}

function specOf(pod: Pod, name: string): Container | undefined {
  const { initContainers = [], containers } = pod.spec
  return [...initContainers, ...containers].find((container) => container.name === name)
}

/** The address of the pod; pods on the host's network have none of their own. */
function podIpOf(state: PodState): string {
  return newestSandbox(state)?.ip ?? '127.0.0.1'
}

/** Has the named containers end. */
export function killAll(
  parts: KubeletParts,
  record: PodRecord,
  state: PodState,
  kills: ContainerKill[],
): void {
  const podIp = podIpOf(state)
  for (const { container: status, message, graceSeconds } of kills) {
    const grace = graceSeconds === undefined ? {} : { graceSeconds }
    killContainer(parts, record, { status, message, podIp, ...grace })
  }
}

/**
 * Asks all containers that still run to end; true while any does. Sidecars go after the main containers, the last
 * started first, all within one grace period (upstream: kuberuntime terminationOrdering).
 */
export function killRunning(parts: KubeletParts, record: PodRecord, state: PodState): boolean {
  const running = state.containers.filter((container) => container.state === 'running')
  const podIp = podIpOf(state)
  const sidecars = (record.pod.spec.initContainers ?? []).filter(isSidecar).map(({ name }) => name)
  /** Main containers come before every sidecar; the later a sidecar started, the earlier it goes. */
  const rank = (name: string): number =>
    sidecars.includes(name) ? sidecars.length - sidecars.indexOf(name) : 0
  const turn = Math.min(...running.map(({ name }) => rank(name)))
  for (const status of running) {
    const message = `Stopping container ${status.name}`
    killContainer(parts, record, { status, message, podIp, mayStop: rank(status.name) <= turn })
  }
  return running.length > 0
}
