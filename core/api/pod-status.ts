import type { ContainerStatus, Pod } from './generated/core-v1.ts'
import { humanAge } from './human-duration.ts'
import { isSidecar } from './sidecars.ts'

/** What `kubectl get pods` says of a pod in its READY, STATUS and RESTARTS columns. */
export interface PodSummary {
  /** `Running`, `Init:1/2`, `CrashLoopBackOff`, `Terminating` … */
  status: string
  readyContainers: number
  totalContainers: number
  restarts: number
  /** RFC 3339 time of the newest restart, when known. */
  lastRestart?: string
}

interface Count {
  restarts: number
  lastRestart: string
}

interface Initialization {
  /** The STATUS text while initialization runs or has failed; undefined when it is through. */
  status: string | undefined
  all: Count
  sidecars: Count
  readySidecars: number
}

/** Sums a pod up the way kubectl's columns do (upstream: pkg/printers/internalversion/printers.go printPod). */
export function summarizePod(pod: Pod): PodSummary {
  const sidecars = (pod.spec?.initContainers ?? []).filter(isSidecar)
  const totalContainers = (pod.spec?.containers ?? []).length + sidecars.length
  const init = initialization(pod)
  let status = init.status ?? reasonOfPhase(pod)
  let readyContainers = init.readySidecars
  let count = init.all
  if (init.status === undefined || hasTrueCondition(pod, 'Initialized')) {
    const main = mainContainers(pod, status)
    status = main.status
    readyContainers += main.ready
    count = add(init.sidecars, main.count)
  }
  if (pod.metadata.deletionTimestamp) {
    if (pod.status?.reason === 'NodeLost') status = 'Unknown'
    else if (!isTerminalPhase(pod.status?.phase)) status = 'Terminating'
  }
  const summary: PodSummary = { status, readyContainers, totalContainers, restarts: count.restarts }
  if (count.lastRestart) summary.lastRestart = count.lastRestart
  return summary
}

/** The STATUS column's text. */
export function podStatusText(pod: Pod): string {
  return summarizePod(pod).status
}

/** The RESTARTS column's text: `0`, `3 (5m ago)`. */
export function restartsText(summary: PodSummary, now: number): string {
  const { restarts, lastRestart } = summary
  return restarts > 0 && lastRestart ? `${restarts} (${humanAge(lastRestart, now)} ago)` : String(restarts)
}

/** Whether a pod of this phase has run to its end. */
export function isTerminalPhase(phase: string | undefined): boolean {
  return phase === 'Succeeded' || phase === 'Failed'
}

function reasonOfPhase(pod: Pod): string {
  const gated = pod.status?.conditions?.some(
    (condition) => condition.type === 'PodScheduled' && condition.reason === 'SchedulingGated',
  )
  return gated ? 'SchedulingGated' : pod.status?.reason || pod.status?.phase || ''
}

function initialization(pod: Pod): Initialization {
  const specs = pod.spec?.initContainers ?? []
  const sidecarNames = new Set(specs.filter(isSidecar).map((container) => container.name))
  const result: Initialization = {
    status: undefined,
    all: { restarts: 0, lastRestart: '' },
    sidecars: { restarts: 0, lastRestart: '' },
    readySidecars: 0,
  }
  for (const [index, container] of (pod.status?.initContainerStatuses ?? []).entries()) {
    const sidecar = sidecarNames.has(container.name)
    result.all = add(result.all, countOf(container))
    if (sidecar) result.sidecars = add(result.sidecars, countOf(container))
    const { terminated, waiting } = container.state ?? {}
    if (terminated?.exitCode === 0) continue
    if (sidecar && container.started) {
      if (container.ready) result.readySidecars++
      continue
    }
    if (terminated) result.status = `Init:${endText(terminated)}`
    else if (waiting?.reason && waiting.reason !== 'PodInitializing') result.status = `Init:${waiting.reason}`
    else result.status = `Init:${index}/${specs.length}`
    break
  }
  return result
}

function mainContainers(pod: Pod, before: string): { status: string; ready: number; count: Count } {
  let status = before
  let ready = 0
  let hasRunning = false
  let count: Count = { restarts: 0, lastRestart: '' }
  // Backwards, so that the first container has the last word.
  for (const container of (pod.status?.containerStatuses ?? []).toReversed()) {
    count = add(count, countOf(container))
    const { waiting, terminated, running } = container.state ?? {}
    if (waiting?.reason) status = waiting.reason
    else if (terminated) status = endText(terminated)
    else if (container.ready && running) {
      hasRunning = true
      ready++
    }
  }
  if (status === 'Completed' && hasRunning) status = hasTrueCondition(pod, 'Ready') ? 'Running' : 'NotReady'
  return { status, ready, count }
}

function endText(terminated: { reason?: string; signal?: number; exitCode: number }): string {
  if (terminated.reason) return terminated.reason
  return terminated.signal ? `Signal:${terminated.signal}` : `ExitCode:${terminated.exitCode}`
}

function countOf(container: ContainerStatus): Count {
  const { restartCount, lastState } = container
  return { restarts: restartCount ?? 0, lastRestart: lastState?.terminated?.finishedAt ?? '' }
}

function add(a: Count, b: Count): Count {
  const later = Date.parse(b.lastRestart) > Date.parse(a.lastRestart) || !a.lastRestart
  return { restarts: a.restarts + b.restarts, lastRestart: later ? b.lastRestart : a.lastRestart }
}

function hasTrueCondition(pod: Pod, type: string): boolean {
  return (pod.status?.conditions ?? []).some(
    (condition) => condition.type === type && condition.status === 'True',
  )
}
