import type { Container, Pod } from '../../api/generated/core-v1.ts'
import { containerHash } from '../container/container-spec.ts'
import type { Doom } from '../probes/probe-manager.ts'
import type { ContainerStatus, SandboxStatus } from '../runtime/specs.ts'
import { resizeNeedsRestart } from '../resize/carry-out-resize.ts'
import { shouldRestart, shouldRestartInit } from './restart-policy.ts'
import { newestContainer, newestSandbox } from './pod-state.ts'
import type { PodState } from './pod-state.ts'
import { isSidecar } from '../../api/sidecars.ts'

/** One container to be started; `previous` is the incarnation it follows. */
export interface ContainerStart {
  container: Container
  attempt: number
  /** For an ephemeral container: the name of the container whose processes it is to see. */
  target?: string
  previous?: ContainerStatus
}

export interface ContainerKill {
  container: ContainerStatus
  /** Why, for the Killing event. */
  message: string
  /** Grace period of the probe that failed, in place of the pod's. */
  graceSeconds?: number
}

/** What brings a pod's runtime state closer to its spec. Kills come first, then the sandbox, then the starts. */
export interface PodActions {
  kills: ContainerKill[]
  /** Attempt number of the sandbox to create; undefined when the current one serves. */
  createSandbox?: number
  starts: ContainerStart[]
}

export interface ActionInput {
  pod: Pod
  state: PodState
  /** The restart count last reported per container: keeps counts right when the runtime lost a container. */
  reportedRestarts: Map<string, number>
  /** Ids of containers whose liveness or startup probe failed. */
  failedProbes: Map<string, Doom>
  /** Whether a change of the containers' resources is to be carried out. */
  isResized?: boolean
  /** Whether the startup probe of a running container passed; undefined without one. */
  isStarted(containerId: string): boolean | undefined
}

/** Compares what runs with what should (upstream: kuberuntime computePodActions). Pure; applies no back-off. */
export function computePodActions(input: ActionInput): PodActions {
  const { pod, state } = input
  const sandbox = newestSandbox(state)
  if (sandbox?.state !== 'ready') return actionsForNewSandbox(input)
  const stranded = state.containers
    .filter((container) => container.state === 'running' && container.sandboxId !== sandbox.id)
    .map((container) => ({ container, message: 'Pod sandbox changed, it will be killed and re-created.' }))
  const current: PodState = {
    sandboxes: [sandbox],
    containers: state.containers.filter((container) => container.sandboxId === sandbox.id),
  }
  const init = initActions(input, current)
  const kills = [...stranded, ...init.kills]
  const starts = [...ephemeralStarts(input), ...init.starts]
  if (!init.done) return { kills, starts }
  for (const container of pod.spec.containers) {
    const newest = newestContainer(state, container.name)
    const doom = newest && reasonToKill(container, newest, input)
    if (newest?.state === 'running' && newest.sandboxId === sandbox.id) {
      if (doom) kills.push({ container: newest, ...doom })
      continue
    }
    if (newest?.state === 'exited' && !shouldRestart(pod, container, newest.exitCode)) continue
    if (newest?.state === 'running') continue
    starts.push(startOf(container, newest, input))
  }
  return { kills, starts }
}

function actionsForNewSandbox(input: ActionInput): PodActions {
  const { pod, state } = input
  const sandbox = newestSandbox(state)
  const kills = state.containers
    .filter((container) => container.state === 'running')
    .map((container) => ({ container, message: 'Pod sandbox changed, it will be killed and re-created.' }))
  const ran = pod.spec.containers.some((container) => newestContainer(state, container.name) !== undefined)
  const wanted = pod.spec.containers.filter((container) => {
    const newest = newestContainer(state, container.name)
    return newest?.state !== 'exited' || shouldRestart(pod, container, newest.exitCode)
  })
  // A pod that has run and must not run again needs no sandbox.
  const runsAgain =
    pod.spec.restartPolicy !== 'Never' ||
    wanted.some((container) => newestContainer(state, container.name)?.state === 'exited')
  if (sandbox && ran && (wanted.length === 0 || !runsAgain)) return { kills, starts: [] }
  return { kills, createSandbox: attemptAfter(sandbox), starts: [] }
}

function attemptAfter(sandbox: SandboxStatus | undefined): number {
  if (!sandbox) return 0
  return sandbox.unfinished ? sandbox.attempt : sandbox.attempt + 1
}

/** Ephemeral containers start once, whatever the others do, and never again. */
function ephemeralStarts({ pod, state, reportedRestarts }: ActionInput): ContainerStart[] {
  return (pod.spec.ephemeralContainers ?? []).flatMap((container) => {
    const newest = newestContainer(state, container.name)
    const isOver = newest ? newest.state !== 'created' : reportedRestarts.has(container.name)
    if (isOver) return []
    const { targetContainerName } = container
    return [{ container, attempt: 0, ...(targetContainerName ? { target: targetContainerName } : {}) }]
  })
}

interface InitActions {
  done: boolean
  kills: ContainerKill[]
  starts: ContainerStart[]
}

/** Init containers run one after another; sidecars among them only have to be running before the next one starts. */
function initActions(input: ActionInput, current: PodState): InitActions {
  const { pod, state } = input
  const actions: InitActions = { done: true, kills: [], starts: [] }
  const appStarted = pod.spec.containers.some(({ name }) => newestContainer(current, name) !== undefined)
  for (const container of pod.spec.initContainers ?? []) {
    const here = newestContainer(current, container.name)
    if (isSidecar(container)) {
      const doom = here && reasonToKill(container, here, input)
      if (here?.state === 'running') {
        if (doom) actions.kills.push({ container: here, ...doom })
        // The next one waits until the sidecar has started by its own account.
        if (!appStarted && input.isStarted(here.id) === false) return { ...actions, done: false }
        continue
      }
      actions.starts.push(startOf(container, newestContainer(state, container.name), input))
      if (!appStarted) return { ...actions, done: false }
      continue
    }
    if (appStarted || (here?.state === 'exited' && here.exitCode === 0)) continue
    if (here?.state === 'running') return { ...actions, done: false }
    const failed = here?.state === 'exited'
    if (!failed || shouldRestartInit(pod, container, here.exitCode)) {
      actions.starts.push(startOf(container, newestContainer(state, container.name), input))
    }
    return { ...actions, done: false }
  }
  return actions
}

function reasonToKill(container: Container, running: ContainerStatus, input: ActionInput): Doom | undefined {
  if (running.specHash !== containerHash(container)) {
    return { message: `Container ${container.name} definition changed, will be restarted` }
  }
  if (input.isResized && running.state === 'running' && resizeNeedsRestart(input.pod, container, running)) {
    return { message: `Container ${container.name} resize requires restart` }
  }
  return input.failedProbes.get(running.id)
}

function startOf(
  container: Container,
  newest: ContainerStatus | undefined,
  input: ActionInput,
): ContainerStart {
  if (!newest) {
    const reported = input.reportedRestarts.get(container.name)
    return { container, attempt: reported === undefined ? 0 : reported + 1 }
  }
  // Created but never started: the same incarnation is carried on with.
  const attempt = newest.state === 'created' ? newest.attempt : newest.attempt + 1
  return { container, attempt, ...(newest.state === 'exited' ? { previous: newest } : {}) }
}
