import type { Container, Pod } from '../../api/generated/core-v1.ts'
import type { Clock } from '../../util/clock.ts'
import type { Logger } from '../../util/logger.ts'
import type { HookRunner } from '../lifecycle/hook-runner.ts'
import type { Runtime } from '../runtime/runtime.ts'
import type { ContainerStatus } from '../runtime/specs.ts'
import type { PodEvents } from './pod-events.ts'

export interface KillRequest {
  pod: Pod
  /** Its spec, with the preStop hook; undefined when the API server no longer knows it. */
  container: Container | undefined
  status: ContainerStatus
  podIp: string
  /** What it has from now on, its preStop hook included. */
  graceSeconds: number
  /** False while others must end first: the hook runs at once, the stop waits (for the grace period at most). */
  mayStop: boolean
}

/**
 * Ends containers in the background, so that a pod's worker stays free to react (to a shorter grace period, for one):
 * preStop hook, its turn, stop signal, kill (upstream: kuberuntime killContainer).
 */
export interface ContainerKiller {
  /** Repeating it is free, unless its turn has come or the new grace period ends earlier: then that one holds. */
  kill(request: KillRequest): void
  /** Resolves when the killing under way is over; at once when there is none. */
  whenEnded(containerId: string): Promise<void>
}

interface KillerOptions {
  runtime: Runtime
  hooks: HookRunner
  events: PodEvents
  clock: Clock
  log: Logger
  /** Called when a container was stopped, or could not be. */
  onDone: (podUid: string) => void
}

interface Killing {
  deadline: number
  /** Aborted when a shorter grace period came: hook and turn are waited for no longer. */
  hurry: AbortController
  turn: PromiseWithResolvers<void>
  isStopping: boolean
  over: PromiseWithResolvers<void>
}

/** A process always gets this long between the stop signal and the kill (upstream: minimumGracePeriodInSeconds). */
const minimumGraceSeconds = 2
/** Deletion timestamps have whole seconds: the same deadline may come out this much earlier. */
const toleranceMs = 1_000

/** A killer over this runtime. */
export function createContainerKiller(options: KillerOptions): ContainerKiller {
  const { runtime, hooks, events, clock, log, onDone } = options
  const killings = new Map<string, Killing>()

  async function end(killing: Killing, request: KillRequest): Promise<void> {
    if (request.graceSeconds > 0) {
      await runPreStop(killing, request)
      await waitForTurn(killing)
    }
    await stop(killing, request.status.id)
  }

  async function runPreStop(killing: Killing, request: KillRequest): Promise<void> {
    const { pod, container, status, podIp } = request
    const hook = container?.lifecycle?.preStop
    if (!container || !hook) return
    const target = { pod, container, containerId: status.id, sandboxId: status.sandboxId, podIp }
    const expired = new AbortController()
    const timer = clock.after(killing.deadline - clock.now(), () => expired.abort())
    const signal = AbortSignal.any([expired.signal, killing.hurry.signal])
    try {
      await hooks.run(hook, target, signal)
    } catch (error) {
      log.warn('preStop hook failed', { pod: pod.metadata.name, container: container.name, error })
      if (signal.aborted) return
      // The output stays out of the event: it may hold secrets.
      const message = 'PreStopHook failed'
      events.container(pod, container.name, { type: 'Warning', reason: 'FailedPreStopHook', message })
    } finally {
      timer[Symbol.dispose]()
    }
  }

  async function waitForTurn(killing: Killing): Promise<void> {
    const { promise, resolve } = killing.turn
    const timer = clock.after(Math.max(0, killing.deadline - clock.now()), resolve)
    killing.hurry.signal.addEventListener('abort', () => resolve(), { once: true })
    if (killing.hurry.signal.aborted) resolve()
    await promise
    timer[Symbol.dispose]()
  }

  function stop(killing: Killing, id: string): Promise<void> {
    killing.isStopping = true
    const left = Math.floor((killing.deadline - clock.now()) / 1000)
    return runtime.stopContainer(id, Math.max(minimumGraceSeconds, left))
  }

  function hurryUp(killing: Killing, id: string): void {
    killing.hurry.abort()
    if (!killing.isStopping) return
    stop(killing, id).catch((error: unknown) => log.warn('container could not be killed', { id, error }))
  }

  return {
    kill(request) {
      const { id } = request.status
      const deadline = clock.now() + request.graceSeconds * 1000
      const current = killings.get(id)
      if (current) {
        if (request.mayStop) current.turn.resolve()
        if (current.deadline - deadline <= toleranceMs) return
        current.deadline = deadline
        hurryUp(current, id)
        return
      }
      const killing: Killing = {
        deadline,
        hurry: new AbortController(),
        turn: Promise.withResolvers(),
        isStopping: false,
        over: Promise.withResolvers(),
      }
      if (request.mayStop) killing.turn.resolve()
      killings.set(id, killing)
      void end(killing, request)
        .catch((error: unknown) => log.warn('container could not be stopped', { id, error }))
        .finally(() => {
          killings.delete(id)
          killing.over.resolve()
          onDone(request.pod.metadata.uid ?? '')
        })
    },
    whenEnded: (id) => killings.get(id)?.over.promise ?? Promise.resolve(),
  }
}
