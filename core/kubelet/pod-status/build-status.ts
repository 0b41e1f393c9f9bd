import type { ContainerStatus, Pod, PodStatus } from '../../api/generated/core-v1.ts'
import { qosClassOf } from '../../api/qos-class.ts'
import { hasPodResources, podResources } from '../container/pod-resources.ts'
import { actualPodResources } from '../resize/actual-resources.ts'
import { newestSandbox } from '../pods/pod-state.ts'
import type { PodState } from '../pods/pod-state.ts'
import type { ResizeState } from '../resize/resize-state.ts'
import { podConditions } from './conditions.ts'
import { containerStatuses } from './container-statuses.ts'
import type { ContainerStatusInput, WaitingReason } from './container-statuses.ts'
import { podPhase } from './phase.ts'
import type { PodPhase } from './phase.ts'

/** How the kubelet itself ends a pod. */
export interface Verdict {
  phase: PodPhase
  reason: string
  message: string
  /** The node has refused the pod: nothing of it was ever begun. */
  isRejection?: true
  /** In place of the pod's own grace period. */
  graceSeconds?: number
  /** Reason and message of the DisruptionTarget condition, where the end is no fault of the pod's. */
  disruption?: { reason: string; message: string }
}

export interface StatusInput {
  pod: Pod
  state: PodState
  /** The status reported last, or the API server's. */
  previous: PodStatus
  waiting: ReadonlyMap<string, WaitingReason>
  resize?: ResizeState
  /** Whether all containers are being removed, to begin anew. */
  isRestarting: boolean
  podPidsLimit?: number | undefined
  runtimeName: string
  hostIps: string[]
  probes: ContainerStatusInput['probes']
  digestOf(imageId: string): string | undefined
  /** RFC 3339. */
  now: string
  /** Set when the kubelet itself ends the pod, e.g. past its deadline. */
  verdict?: Verdict
}

/**
 * The status of a pod as its runtime state, spec and history give it (upstream: kubelet generateAPIPodStatus). Pure. A
 * phase that was final once stays so.
 */
export function buildPodStatus(input: StatusInput): PodStatus {
  const { pod, state, previous, now } = input
  const sandbox = newestSandbox(state)
  const initContainers = pod.spec.initContainers ?? []
  const init = containerStatuses(initContainers, {
    ...input,
    init: true,
    previous: previous.initContainerStatuses ?? [],
  })
  const app = containerStatuses(pod.spec.containers, {
    ...input,
    init: false,
    previous: previous.containerStatuses ?? [],
  })
  const ephemeral = ephemeralStatuses(input)
  const wasFinal = previous.phase === 'Succeeded' || previous.phase === 'Failed'
  const phase = wasFinal
    ? (previous.phase as PodPhase)
    : (input.verdict?.phase ?? (input.isRestarting ? 'Running' : podPhase(pod, { init, app })))
  const sandboxReady = sandbox?.state === 'ready'
  const podIp = sandboxReady ? (pod.spec.hostNetwork ? input.hostIps[0] : sandbox.ip) : previous.podIP
  const disruption = input.verdict?.disruption
  const conditions = podConditions(
    {
      pod,
      phase,
      init,
      app,
      sandboxReady,
      isRestarting: input.isRestarting,
      ...(disruption ? { disruption } : {}),
      ...(input.resize ? { resize: input.resize } : {}),
    },
    previous.conditions ?? [],
    now,
  )
  const verdict = input.verdict ?? (wasFinal ? previous : undefined)
  const count = init.length + app.length + ephemeral.length
  for (const status of [...init, ...app, ...ephemeral])
    limitMessages(status, Math.floor(longestMessages / count))
  const status: PodStatus = {
    phase,
    conditions,
    startTime: previous.startTime ?? now,
    qosClass: previous.qosClass ?? qosClassOf(pod.spec),
    containerStatuses: app,
  }
  if (verdict?.reason !== undefined) status.reason = verdict.reason
  if (verdict?.message !== undefined) status.message = verdict.message
  if (pod.metadata.generation !== undefined) status.observedGeneration = pod.metadata.generation
  if (init.length > 0) status.initContainerStatuses = init
  if (hasPodResources(pod)) Object.assign(status, podLevelStatus(input))
  if (ephemeral.length > 0) status.ephemeralContainerStatuses = ephemeral
  if (input.hostIps.length > 0) {
    status.hostIP = input.hostIps[0]!
    status.hostIPs = input.hostIps.map((ip) => ({ ip }))
  }
  if (podIp !== undefined) {
    status.podIP = podIp
    status.podIPs = [{ ip: podIp }]
  }
  return status
}

/** The status of a pod that the node refused: of its containers nothing is told (upstream: kubelet rejectPod). */
export function rejectedStatus(
  { pod, previous, now }: Pick<StatusInput, 'pod' | 'previous' | 'now'>,
  { phase, reason, message }: Verdict,
): PodStatus {
  const { generation } = pod.metadata
  return {
    phase,
    reason,
    message,
    startTime: previous.startTime ?? now,
    qosClass: previous.qosClass ?? qosClassOf(pod.spec),
    ...(generation === undefined ? {} : { observedGeneration: generation }),
  }
}

/** What the pod as a whole has and was given, where it says so itself (upstream: kubelet generateAPIPodStatus). */
function podLevelStatus({ pod, state, podPidsLimit }: StatusInput): Partial<PodStatus> {
  const held = pod.spec.resources!
  const sandbox = newestSandbox(state)
  const wanted = podResources(pod, podPidsLimit)
  return {
    resources: actualPodResources(held, wanted, sandbox?.resources),
    ...(held.requests ? { allocatedResources: held.requests } : {}),
  }
}

/** Ephemeral containers are never ready and have no start of their own account. */
function ephemeralStatuses(input: StatusInput): ContainerStatus[] {
  const statuses = containerStatuses(input.pod.spec.ephemeralContainers ?? [], {
    ...input,
    init: true,
    previous: input.previous.ephemeralContainerStatuses ?? [],
  })
  return statuses.map(({ started: _, ...status }) => {
    // It does not run again: whatever the runtime has no trace of any more stays as it was told.
    const { lastState, state } = status
    if (status.containerID && lastState?.terminated && !state?.terminated && !state?.running) {
      return { ...status, ready: false, state: lastState, lastState: {} }
    }
    return { ...status, ready: false }
  })
}

/** Of all termination messages of a pod together, in bytes (upstream: MaxPodTerminationMessageLogLength). */
const longestMessages = 12 * 1024

function limitMessages(status: ContainerStatus, bytes: number): void {
  for (const key of ['state', 'lastState'] as const) {
    const terminated = status[key]?.terminated
    const message = Buffer.from(terminated?.message ?? '')
    if (!terminated || message.length <= bytes) continue
    status[key] = { terminated: { ...terminated, message: message.subarray(0, bytes).toString() } }
  }
}
