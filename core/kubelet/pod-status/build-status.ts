import type { ContainerStatus, Pod, PodStatus } from '../../api/generated/core-v1.ts'
import { newestSandbox } from '../pods/pod-state.ts'
import type { PodState } from '../pods/pod-state.ts'
import { podConditions } from './conditions.ts'
import { containerStatuses } from './container-statuses.ts'
import type { ContainerStatusInput, WaitingReason } from './container-statuses.ts'
import { podPhase } from './phase.ts'
import type { PodPhase } from './phase.ts'
import { qosClass } from './qos.ts'

export interface StatusInput {
  pod: Pod
  state: PodState
  /** The status reported last, or the API server's. */
  previous: PodStatus
  waiting: ReadonlyMap<string, WaitingReason>
  runtimeName: string
  hostIps: string[]
  probes: ContainerStatusInput['probes']
  digestOf(imageId: string): string | undefined
  /** RFC 3339. */
  now: string
  /** Set when the kubelet itself ends the pod, e.g. past its deadline. */
  verdict?: { phase: PodPhase; reason: string; message: string }
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
  const wasFinal = previous.phase === 'Succeeded' || previous.phase === 'Failed'
  const phase = wasFinal
    ? (previous.phase as PodPhase)
    : (input.verdict?.phase ?? podPhase(pod, { init, app }))
  const sandboxReady = sandbox?.state === 'ready'
  const podIp = sandboxReady ? (pod.spec.hostNetwork ? input.hostIps[0] : sandbox.ip) : previous.podIP
  const conditions = podConditions({ pod, phase, init, app, sandboxReady }, previous.conditions ?? [], now)
  const verdict = input.verdict ?? (wasFinal ? previous : undefined)
  const count = initContainers.length + pod.spec.containers.length
  for (const status of [...init, ...app]) limitMessages(status, Math.floor(longestMessages / count))
  const status: PodStatus = {
    phase,
    conditions,
    startTime: previous.startTime ?? now,
    qosClass: previous.qosClass ?? qosClass(pod),
    containerStatuses: app,
  }
  if (verdict?.reason !== undefined) status.reason = verdict.reason
  if (verdict?.message !== undefined) status.message = verdict.message
  if (pod.metadata.generation !== undefined) status.observedGeneration = pod.metadata.generation
  if (init.length > 0) status.initContainerStatuses = init
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
