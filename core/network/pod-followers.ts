import type { Clock } from '../util/clock.ts'
import type { Logger } from '../util/logger.ts'

/** A running sandbox whose network namespace gets rules. */
export interface RuledSandbox {
  podUid: string
  namespace: string
  name: string
  labels: Record<string, string>
  ip: string
  pid: number
}

export interface PodFollowersOptions<State> {
  /** What is kept true, for the log: `service rules`. */
  what: string
  /**
   * Makes one step towards what the pod should have now, and gives what it has after that. `before` undefined: it is not
   * known what the pod has.
   */
  apply(sandbox: RuledSandbox, before: State | undefined): Promise<State>
  /** Whether a pod that has `state` has the newest. */
  isCurrent(state: State): boolean
  clock: Clock
  log: Logger
}

/** Keeps rules in the network namespaces of one node's pods at their newest. */
export interface PodFollowers {
  /** Resolves when the pod has all rules as of now. Called again for a pod whose sandbox was replaced. */
  setUp(sandbox: RuledSandbox): Promise<void>
  /** Stops caring for the pod; its rules vanish with its network namespace. */
  tearDown(podUid: string): void
  /** Something changed: every pod is brought up to date, a failed one again and again with growing pauses. */
  followAll(): void
  dispose(): void
}

const setUpAttempts = 3
const maxRetryMs = 5000

interface PodState<State> {
  sandbox: RuledSandbox
  applied: State | undefined
  update: Promise<void> | undefined
  /** Set between a failure and the next attempt: however many changes come, there is one. */
  retry: Disposable | undefined
  failures: number
  gone: boolean
}

/** See PodFollowers for what it guarantees. Steps for one pod never overlap. */
export function createPodFollowers<State>(options: PodFollowersOptions<State>): PodFollowers {
  const { clock, log } = options
  const pods = new Map<string, PodState<State>>()

  /** One step at a time per pod, until what it has is the newest. Rejects at the first failure. */
  async function bringUpToDate(pod: PodState<State>): Promise<void> {
    while (!pod.gone && !(pod.applied !== undefined && options.isCurrent(pod.applied))) {
      const before = pod.applied
      // After a failure it is not known what the pod has: the next attempt replaces everything.
      pod.applied = undefined
      pod.applied = await options.apply(pod.sandbox, before)
      pod.failures = 0
    }
  }

  function update(pod: PodState<State>): Promise<void> {
    pod.update ??= bringUpToDate(pod).finally(() => (pod.update = undefined))
    return pod.update
  }

  function follow(pod: PodState<State>): void {
    pod.retry?.[Symbol.dispose]()
    pod.retry = undefined
    update(pod).catch((error: unknown) => retryLater(pod, error))
  }

  function retryLater(pod: PodState<State>, error: unknown): void {
    if (pod.gone || pod.retry) return
    const { namespace, name } = pod.sandbox
    const delayMs = Math.min(100 * 2 ** pod.failures++, maxRetryMs)
    log.warn(`${options.what} not applied`, { pod: `${namespace}/${name}`, error: String(error), delayMs })
    pod.retry = clock.after(delayMs, () => follow(pod))
  }

  return {
    async setUp(sandbox) {
      const old = pods.get(sandbox.podUid)
      if (old) old.gone = true
      const pod: PodState<State> = {
        sandbox,
        applied: undefined,
        update: undefined,
        retry: undefined,
        failures: 0,
        gone: false,
      }
      // From here on changes reach it too.
      pods.set(sandbox.podUid, pod)
      for (let attempt = 1; ; attempt++) {
        try {
          return await update(pod)
        } catch (error) {
          if (attempt < setUpAttempts && !pod.gone) continue
          pod.gone = true
          if (pods.get(sandbox.podUid) === pod) pods.delete(sandbox.podUid)
          throw error
        }
      }
    },
    tearDown(podUid) {
      const pod = pods.get(podUid)
      if (pod) pod.gone = true
      pods.delete(podUid)
    },
    followAll() {
      for (const pod of pods.values()) follow(pod)
    },
    dispose() {
      for (const pod of pods.values()) pod.gone = true
      pods.clear()
    },
  }
}
