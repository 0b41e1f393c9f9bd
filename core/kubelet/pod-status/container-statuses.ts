import type {
  ContainerState,
  ContainerStateTerminated,
  ContainerStatus as ApiContainerStatus,
  Container,
  Pod,
} from '../../api/generated/core-v1.ts'
import { actualResources } from '../resize/actual-resources.ts'
import type { ContainerStatus } from '../runtime/specs.ts'
import type { PodState } from '../pods/pod-state.ts'
import { shouldRestart, shouldRestartInit } from '../pods/restart-policy.ts'
import { isSidecar } from '../../api/sidecars.ts'

/** Why a container is not running, as its last start attempt left it. */
export interface WaitingReason {
  reason: string
  message?: string
}

export interface ContainerStatusInput {
  pod: Pod
  state: PodState
  waiting: ReadonlyMap<string, WaitingReason>
  /** Whether all containers are being removed, to begin anew. */
  isRestarting: boolean
  /** The statuses reported before: what the runtime forgot is taken from them. */
  previous: readonly ApiContainerStatus[]
  /** Prefix of container ids, e.g. `docker`. */
  runtimeName: string
  /** Results of probes by runtime container id. Without a probe a running container is started and ready. */
  probes: { isReady(id: string): boolean | undefined; isStarted(id: string): boolean | undefined }
  /** Image names by image id, for digests. */
  digestOf(imageId: string): string | undefined
}

/** Whole seconds, as metav1.Time has them. */
function toApiTime(time: string | undefined): string | undefined {
  if (time === undefined) return undefined
  const milliseconds = Date.parse(time)
  return Number.isNaN(milliseconds)
    ? undefined
    : new Date(milliseconds).toISOString().replace(/\.\d{3}Z$/, 'Z')
}

/** The statuses of `containers`, in the order of the spec (upstream: kubelet convertToAPIContainerStatuses). */
export function containerStatuses(
  containers: readonly Container[],
  input: ContainerStatusInput & { init: boolean },
): ApiContainerStatus[] {
  return containers.map((container) => containerStatus(container, input))
}

/** Why a container that nothing is wrong with does not run yet (upstream: kubelet convertToAPIContainerStatuses). */
export function reasonBeforeStart({ spec }: Pod): string {
  return spec.initContainers?.length ? 'PodInitializing' : 'ContainerCreating'
}

function containerStatus(
  container: Container,
  input: ContainerStatusInput & { init: boolean },
): ApiContainerStatus {
  const incarnations = input.state.containers.filter(({ name }) => name === container.name)
  const [newest, older] = incarnations
  const reported = input.previous.find(({ name }) => name === container.name)
  const waiting = input.waiting.get(container.name)
  const fallback: WaitingReason = { reason: reasonBeforeStart(input.pod) }
  if (!newest) return withoutContainer({ container, reported, waiting: waiting ?? fallback })

  const idPrefix = `${input.runtimeName}://`
  const common = {
    name: container.name,
    containerID: idPrefix + newest.id,
    image: newest.image,
    imageID: imageId(newest, input),
    restartCount: newest.attempt,
    ...resourceStatus(container, newest, input),
    ...mountStatus(container),
    ...(newest.user ? { user: { linux: newest.user } } : {}),
  }
  const last = older?.state === 'exited' ? { terminated: terminated(older, idPrefix) } : undefined
  const lastState = last ?? (newest.attempt > 0 ? keptLastState(reported, idPrefix + newest.id) : {})
  if (newest.state === 'running') {
    const started = input.probes.isStarted(newest.id) ?? true
    const ready = input.init && !isSidecar(container) ? false : started && readiness(newest.id, input)
    const startedAt = toApiTime(newest.startedAt)
    const running: ContainerState = { running: startedAt === undefined ? {} : { startedAt } }
    return { ...common, state: running, lastState, ready, started }
  }
  if (newest.state === 'created') {
    return { ...common, state: { waiting: waiting ?? fallback }, lastState, ready: false, started: false }
  }
  const ended = { terminated: terminated(newest, idPrefix) }
  const restarts = input.isRestarting || isRestarted(input.pod, container, { newest, init: input.init })
  if (restarts && waiting) {
    return { ...common, state: { waiting }, lastState: ended, ready: false, started: false }
  }
  const isDoneInit = input.init && newest.exitCode === 0
  return { ...common, state: ended, lastState, ready: isDoneInit, started: false }
}

/** Init containers that run to their end are not resized and tell nothing. */
function resourceStatus(
  container: Container,
  status: ContainerStatus,
  { pod, init }: { pod: Pod; init: boolean },
): Pick<ApiContainerStatus, 'resources' | 'allocatedResources'> {
  if (init && !isSidecar(container)) return {}
  const requests = container.resources?.requests
  return {
    resources: actualResources(pod, container, status),
    ...(requests && Object.keys(requests).length > 0 ? { allocatedResources: requests } : {}),
  }
}

/** What is mounted where; none is read-only down to what is mounted below it (upstream: RecursiveReadOnlyMounts). */
function mountStatus({ volumeMounts = [] }: Container): Pick<ApiContainerStatus, 'volumeMounts'> {
  if (volumeMounts.length === 0) return {}
  return {
    volumeMounts: volumeMounts.map(({ name, mountPath, readOnly }) => ({
      name,
      mountPath,
      ...(readOnly ? { readOnly, recursiveReadOnly: 'Disabled' } : {}),
    })),
  }
}

function readiness(id: string, input: ContainerStatusInput): boolean {
  return input.probes.isReady(id) ?? true
}

function isRestarted(
  pod: Pod,
  container: Container,
  what: { newest: ContainerStatus; init: boolean },
): boolean {
  const { exitCode } = what.newest
  return what.init ? shouldRestartInit(pod, container, exitCode) : shouldRestart(pod, container, exitCode)
}

/** Docker's digest form where the image came from a registry, else its local id (dockershim's two forms). */
function imageId(container: ContainerStatus, input: ContainerStatusInput): string {
  const digest = input.digestOf(container.imageId)
  if (digest !== undefined) return `${input.runtimeName}-pullable://${digest}`
  return `${input.runtimeName}://${container.imageId}`
}

function terminated(container: ContainerStatus, idPrefix: string): ContainerStateTerminated {
  const startedAt = toApiTime(container.startedAt)
  const finishedAt = toApiTime(container.finishedAt)
  return {
    exitCode: container.exitCode ?? 0,
    reason: container.reason ?? 'Error',
    ...(container.message === undefined ? {} : { message: container.message }),
    ...(startedAt === undefined ? {} : { startedAt }),
    ...(finishedAt === undefined ? {} : { finishedAt }),
    containerID: idPrefix + container.id,
  }
}

/** The dead container before this one may be gone already; what was reported of it stays true. */
function keptLastState(reported: ApiContainerStatus | undefined, currentId: string): ContainerState {
  if (!reported) return {}
  if (reported.containerID === currentId) return reported.lastState ?? {}
  return reported.state?.terminated ? { terminated: reported.state.terminated } : (reported.lastState ?? {})
}

function withoutContainer(parts: {
  container: Container
  reported: ApiContainerStatus | undefined
  waiting: WaitingReason
}): ApiContainerStatus {
  const { container, reported, waiting } = parts
  const status: ApiContainerStatus = {
    name: container.name,
    image: container.image ?? '',
    imageID: reported?.imageID ?? '',
    restartCount: reported?.restartCount ?? 0,
    state: { waiting },
    lastState: reported?.lastState ?? {},
    ready: false,
    started: false,
  }
  if (!reported?.containerID) return status
  const told = reported.state?.terminated ?? reported.lastState?.terminated
  // It was there and the runtime lost it: upstream reports exit code 137 with this reason.
  const lost: ContainerStateTerminated = (told?.containerID === reported.containerID ? told : undefined) ?? {
    exitCode: 137,
    reason: 'ContainerStatusUnknown',
    message: 'The container could not be located when the pod was terminated',
    containerID: reported.containerID,
  }
  return { ...status, containerID: reported.containerID, lastState: { terminated: lost } }
}
