import type { Clock } from '../../util/clock.ts'
import type { Logger } from '../../util/logger.ts'
import type { RuntimeCache } from '../pods/runtime-cache.ts'
import type { Runtime } from '../runtime/runtime.ts'
import type { RuntimeUsage, UsageTargets } from '../runtime/usage.ts'
import { nodeUsage, type MeasuredPod, type NodeUsage } from './node-usage.ts'

/** How often usage is measured, and for how long after somebody asked. */
export interface SamplingOptions {
  /** Between two measurements while somebody asks (upstream: the kubelet's housekeeping interval). */
  periodMs: number
  /** Between the two measurements that the first answer needs. */
  firstWindowMs: number
  /** After the last question, measuring goes on for this long. */
  interestMs: number
}

const defaults: SamplingOptions = { periodMs: 10_000, firstWindowMs: 1_000, interestMs: 60_000 }

/** Measures what the node's containers use, but only while somebody wants to know. */
export interface UsageSampler extends Disposable {
  /** The newest measurement; the first question waits for two of them. Rejects when the runtime cannot tell. */
  latest(): Promise<NodeUsage>
}

interface UsageSamplerOptions {
  runtime: Runtime
  cache: RuntimeCache
  sampling?: Partial<SamplingOptions>
  clock: Clock
  log: Logger
}

/** A sampler that costs nothing until it is asked. */
export function createUsageSampler(options: UsageSamplerOptions): UsageSampler {
  const { runtime, cache, clock, log } = options
  const { periodMs, firstWindowMs, interestMs } = { ...defaults, ...options.sampling }
  let before: RuntimeUsage | undefined
  let current: NodeUsage | undefined
  let askedAt = 0
  let timer: Disposable | undefined
  let starting: Promise<NodeUsage> | undefined
  let disposed = false

  async function measure(): Promise<NodeUsage> {
    const pods = await runningPods(cache)
    const now = await runtime.usage(targetsOf(pods))
    const usage = nodeUsage(clock.now(), pods, { now, before })
    before = now
    return usage
  }

  /** One measurement has no rates yet: a second follows as soon as it means something. */
  async function begin(): Promise<NodeUsage> {
    await measure()
    await new Promise<void>((resolve) => clock.after(firstWindowMs, resolve))
    current = await measure()
    scheduleNext()
    return current
  }

  function scheduleNext(): void {
    if (disposed) return
    timer = clock.after(periodMs, () => void sampleAgain())
  }

  async function sampleAgain(): Promise<void> {
    if (clock.now() - askedAt > interestMs) {
      // Nobody asks any more; an old measurement must not be the base of a rate later on.
      before = undefined
      current = undefined
      return
    }
    try {
      current = await measure()
    } catch (error) {
      before = undefined
      current = undefined
      log.warn('usage could not be measured', { error })
      return
    }
    scheduleNext()
  }

  return {
    async latest() {
      askedAt = clock.now()
      if (current) return current
      starting ??= begin().finally(() => (starting = undefined))
      return starting
    },
    [Symbol.dispose]() {
      disposed = true
      timer?.[Symbol.dispose]()
    },
  }
}

interface RunningPod extends MeasuredPod {
  targets: UsageTargets
}

/** What runs now, from what is known already: no call to the runtime for pods that nothing happened to. */
async function runningPods(cache: RuntimeCache): Promise<RunningPod[]> {
  const pods: RunningPod[] = []
  for (const uid of cache.uids()) {
    const { sandboxes, containers } = await cache.get(uid)
    const sandbox = sandboxes.find(({ state }) => state === 'ready')
    const running = containers.filter(({ state }) => state === 'running')
    const pod = sandbox?.pod ?? running[0]?.pod
    if (!pod || running.length === 0) continue
    pods.push({
      pod,
      startedAt: sandbox?.startedAt,
      sandboxId: sandbox?.id,
      containers: running
        .map(({ id, name, image, startedAt }) => ({ id, name, image, startedAt }))
        .toSorted((a, b) => (a.name < b.name ? -1 : 1)),
      targets: { containers: running.map(({ id }) => id), sandboxes: sandbox ? [sandbox] : [] },
    })
  }
  return pods
}

function targetsOf(pods: RunningPod[]): UsageTargets {
  return {
    containers: pods.flatMap(({ targets }) => targets.containers),
    sandboxes: pods.flatMap(({ targets }) => targets.sandboxes),
  }
}
