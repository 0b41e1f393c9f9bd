import { findCondition, isConditionTrue, observedGenerationOf } from '../../api/conditions.ts'
import type { ContainerStatus, Pod, PodCondition } from '../../api/generated/core-v1.ts'
import { canRestartAll } from '../../api/restart-rules.ts'
import type { ResizeState } from '../resize/resize-state.ts'
import type { PodPhase } from './phase.ts'
import { isSidecar } from '../../api/sidecars.ts'

export interface ConditionInput {
  pod: Pod
  phase: PodPhase
  init: readonly ContainerStatus[]
  app: readonly ContainerStatus[]
  /** Whether the sandbox runs and has its network. */
  sandboxReady: boolean
  /** Whether all containers are being removed, to begin anew. */
  isRestarting: boolean
  /** Set when the kubelet evicts the pod. */
  disruption?: { reason: string; message: string }
  resize?: ResizeState
}

type Judgement = Pick<PodCondition, 'status' | 'reason' | 'message'>

const yes: Judgement = { status: 'True' }

function no(reason: string, message?: string): Judgement {
  return { status: 'False', reason, ...(message === undefined ? {} : { message }) }
}

/** Init containers that are not through: ended well, or started in the case of sidecars. */
function incompleteInit(pod: Pod, init: readonly ContainerStatus[]): string[] {
  return (pod.spec.initContainers ?? [])
    .filter((container) => {
      const status = init.find(({ name }) => name === container.name)
      return isSidecar(container) ? !status?.started : !status?.ready
    })
    .map(({ name }) => name)
}

function initialized({ pod, phase, init, app }: ConditionInput): Judgement {
  if (phase === 'Succeeded') return { status: 'True', reason: 'PodCompleted' }
  // Once an app container ran, initialization is over, whatever became of the init containers.
  if (app.some((status) => status.state?.running ?? status.state?.terminated ?? status.lastState?.terminated))
    return yes
  const missing = incompleteInit(pod, init)
  if (missing.length === 0) return yes
  return no('ContainersNotInitialized', `containers with incomplete status: [${missing.join(' ')}]`)
}

function containersReady({ pod, phase, init, app }: ConditionInput): Judgement {
  if (phase === 'Succeeded') return no('PodCompleted')
  if (phase === 'Failed') return no('PodFailed')
  const sidecars = (pod.spec.initContainers ?? []).filter(isSidecar)
  const unready = [...sidecars, ...pod.spec.containers]
    .map(({ name }) => name)
    .filter((name) => ![...init, ...app].find((status) => status.name === name)?.ready)
  if (unready.length === 0) return yes
  return no('ContainersNotReady', `containers with unready status: [${unready.join(' ')}]`)
}

function ready(pod: Pod, containers: Judgement): Judgement {
  if (containers.status !== 'True') return containers
  const gates = (pod.spec.readinessGates ?? []).map(({ conditionType }) => conditionType)
  const problems = gates.flatMap((type) => {
    if (isConditionTrue(pod.status?.conditions, type)) return []
    return findCondition(pod.status?.conditions, type)
      ? [`the status of pod readiness gate "${type}" is not "True"`]
      : [`corresponding condition of pod readiness gate "${type}" does not exist.`]
  })
  return problems.length === 0 ? yes : no('ReadinessGatesNotReady', problems.join(', '))
}

/** Told of pods that a container's end can have begin anew (upstream: GenerateAllContainersRestartingCondition). */
function restarting({ phase, isRestarting }: ConditionInput): Judgement {
  if (phase === 'Succeeded') return no('PodCompleted')
  if (phase === 'Failed') return no('PodFailed')
  if (!isRestarting) return { status: 'False' }
  const message = 'container exited with restart policy rule'
  return { status: 'True', reason: 'RestartAllContainersStarted', message }
}

/**
 * The conditions the kubelet owns, in upstream's order; `previous` gives their transition times, and the conditions of
 * others are not among the result (upstream: pkg/kubelet/status/generate.go).
 */
export function podConditions(
  input: ConditionInput,
  previous: readonly PodCondition[],
  now: string,
): PodCondition[] {
  const containers = containersReady(input)
  const judgements: Array<[string, Judgement]> = [
    ['PodReadyToStartContainers', input.sandboxReady ? yes : { status: 'False' }],
    ['Initialized', initialized(input)],
    ['Ready', ready(input.pod, containers)],
    ['ContainersReady', containers],
    ['PodScheduled', yes],
  ]
  if (canRestartAll(input.pod.spec)) judgements.push(['AllContainersRestarting', restarting(input)])
  if (input.disruption) judgements.push(['DisruptionTarget', { status: 'True', ...input.disruption }])
  const { pending, inProgress } = input.resize ?? {}
  if (pending) judgements.push(['PodResizePending', { status: 'True', ...pending }])
  if (inProgress) {
    const { error } = inProgress
    const failure = error === undefined ? {} : { reason: 'Error', message: error }
    judgements.push(['PodResizeInProgress', { status: 'True', ...failure }])
  }
  return judgements.map(([type, judgement]) => {
    const old = previous.find((condition) => condition.type === type)
    const same = old?.status === judgement.status
    return {
      type,
      ...judgement,
      ...observedGenerationOf(input.pod),
      lastTransitionTime: (same ? old.lastTransitionTime : undefined) ?? now,
    }
  })
}
