import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Node, Pod } from '../api/generated/core-v1.ts'
import { objectKey } from '../api/meta.ts'
import { resources } from '../api/resources.ts'
import { isConflict, isNotFound } from '../api/status.ts'
import type { Client } from '../client/client.ts'
import { deepEqual } from '../client/deep-equal.ts'
import type { EventRecorder } from '../client/event-recorder.ts'
import type { InformerFactory } from '../client/informer-factory.ts'
import { referenceTo } from '../client/object-reference.ts'
import type { Clock } from '../util/clock.ts'
import type { Logger } from '../util/logger.ts'
import { bindPod, reportUnschedulable } from './bind.ts'
import { createExplanations, type Explanation } from './explanations.ts'
import { failureMessage } from './failure-message.ts'
import type { FilterPlugin, ScorePlugin } from './plugin.ts'
import { defaultFilters, defaultScores } from './plugins/default-plugins.ts'
import { podInfo } from './pod-info.ts'
import { createAlgorithm } from './schedule-one.ts'
import { createSchedulerCache } from './scheduler-cache.ts'
import { createSchedulingQueue, type QueuedPod } from './scheduling-queue.ts'

export interface SchedulerOptions {
  client: Client
  informers: InformerFactory
  clock: Clock
  log: Logger
  recorder: (component: string) => EventRecorder
  /** Breaks ties between equal nodes; default Math.random. */
  random?: () => number
  filters?: readonly FilterPlugin[]
  scores?: readonly ScorePlugin[]
}

export interface Scheduler {
  /** Resolves once it schedules. */
  start(): Promise<void>
  /** Resolves when no binding is on its way any more. */
  stop(): Promise<void>
  /** How the latest attempt to place this pod (`namespace/name`) went; undefined when that is forgotten. */
  explain(podKey: string): Explanation | undefined
  /** Pods that wait for a node. */
  readonly pending: number
}

const schedulerName = 'default-scheduler'
/** The loop lets others run after this much work in one go. */
const turnMs = 5

function isFinished(pod: Pod): boolean {
  return pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed'
}

function isOurs(pod: Pod): boolean {
  const wanted = pod.spec.schedulerName || schedulerName
  return wanted === schedulerName && !pod.metadata.deletionTimestamp && !pod.spec.schedulingGates?.length
}

/** Whether a new version of a waiting pod may fit where the old one did not; its status does not matter. */
function hasOtherNeeds(pod: Pod, previous: Pod): boolean {
  return !deepEqual(pod.spec, previous.spec) || !deepEqual(pod.metadata.labels, previous.metadata.labels)
}

/** Whether a change of a node can make room for a pod (upstream: nodeSchedulingPropertiesChange). */
function canHelp(node: Node, previous: Node): boolean {
  return (
    !deepEqual(node.spec, previous.spec) ||
    !deepEqual(node.metadata.labels, previous.metadata.labels) ||
    !deepEqual(node.status?.allocatable, previous.status?.allocatable)
  )
}

/**
 * Assigns pods to nodes (upstream: pkg/scheduler): one pod at a time against sums that are kept per node, then binding
 * in the background while the pod counts as assumed there. A pod no node would do for waits until a change on some node
 * makes that node fit, which is checked for that one node only.
 */
export function createScheduler(options: SchedulerOptions): Scheduler {
  const { client, informers, clock, log } = options
  const recorder = options.recorder(schedulerName)
  const cache = createSchedulerCache()
  const queue = createSchedulingQueue(clock)
  const explanations = createExplanations()
  const algorithm = createAlgorithm({
    filters: options.filters ?? defaultFilters,
    scores: options.scores ?? defaultScores,
    random: options.random ?? Math.random,
  })
  const pods = informers.informer(resources.pods)
  const nodes = informers.informer(resources.nodes)
  const handlers: Disposable[] = []
  const background = new Set<Promise<void>>()
  let starting: Promise<void> | undefined
  let loop: Promise<void> | undefined
  let stopped = false

  function inBackground(work: Promise<void>): void {
    const tracked = work
      .catch((error: unknown) => log.error('scheduler work failed', { error }))
      .finally(() => background.delete(tracked))
    background.add(tracked)
  }

  function onNodeRoom(nodeName: string): void {
    const node = cache.node(nodeName)
    if (node) queue.activate((info) => algorithm.isFeasible(info, node))
  }

  function onPod(pod: Pod, previous: Pod | undefined): void {
    const key = objectKey(pod)
    if (pod.spec.nodeName) {
      queue.delete(key)
      if (!isFinished(pod)) cache.setPod(pod)
      else releaseRoom(pod)
      return
    }
    if (!isOurs(pod) || isFinished(pod)) {
      queue.delete(key)
      return
    }
    if (cache.isAssumed(key)) return
    const info = podInfo(pod)
    if (previous && queue.has(key) && !hasOtherNeeds(pod, previous)) queue.refresh(info)
    else if (!previous || !isBeingTried(pod, previous)) queue.add(info)
  }

  /** A pod that is neither queued nor assumed and only got a new status is parked by its own attempt. */
  function isBeingTried(pod: Pod, previous: Pod): boolean {
    return !queue.has(objectKey(pod)) && isOurs(previous) && !hasOtherNeeds(pod, previous)
  }

  function releaseRoom(pod: Pod): void {
    const nodeName = cache.removePod(pod)
    if (nodeName !== undefined) onNodeRoom(nodeName)
  }

  function subscribe(): void {
    handlers.push(
      nodes.addHandler({
        added(node) {
          cache.setNode(node)
          onNodeRoom(node.metadata.name)
        },
        updated(node, previous) {
          cache.setNode(node)
          if (canHelp(node, previous)) onNodeRoom(node.metadata.name)
        },
        deleted: (node) => cache.removeNode(node.metadata.name),
      }),
      pods.addHandler({
        added: (pod) => onPod(pod, undefined),
        updated: onPod,
        deleted(pod) {
          const key = objectKey(pod)
          queue.delete(key)
          explanations.forget(key)
          releaseRoom(pod)
        },
      }),
    )
  }

  async function run(): Promise<void> {
    let turnStart = performance.now()
    for (let queued = queue.pop(); queued && !stopped; queued = queue.pop()) {
      scheduleOne(queued)
      if (performance.now() - turnStart < turnMs) continue
      await nextTurn()
      turnStart = performance.now()
    }
  }

  function wake(): void {
    if (loop || stopped) return
    // Deferred, so that a burst of changes is seen as a whole.
    loop = nextTurn()
      .then(run)
      .catch((error: unknown) => log.error('scheduling loop failed', { error }))
      .finally(() => {
        loop = undefined
        if (!stopped && hasDue()) wake()
      })
  }

  let due = false
  function hasDue(): boolean {
    const was = due
    due = false
    return was
  }

  function scheduleOne(queued: QueuedPod): void {
    const { info } = queued
    // The informer may have shown its end after it was queued.
    const current = pods.store.get(info.key)
    if (!current || current.metadata.uid !== info.pod.metadata.uid || current.spec.nodeName) return
    const attempt = algorithm.schedule(info, cache.nodes())
    if (!attempt.chosen) {
      const message = failureMessage(info.pod, attempt)
      explanations.keep(info.key, attempt, { at: clock.now(), message })
      queue.park(queued)
      fail(current, { reason: 'Unschedulable', message })
      return
    }
    explanations.keep(info.key, attempt, { at: clock.now() })
    cache.assume(info, attempt.chosen.name)
    inBackground(bind(queued, attempt.chosen.name))
  }

  function fail(pod: Pod, failure: { reason: 'Unschedulable' | 'SchedulerError'; message: string }): void {
    recorder.record(referenceTo(resources.pods, pod), {
      type: 'Warning',
      reason: 'FailedScheduling',
      message: failure.message,
    })
    inBackground(reportUnschedulable({ client, clock }, pod, failure))
  }

  async function bind(queued: QueuedPod, nodeName: string): Promise<void> {
    const { pod, key } = queued.info
    try {
      await bindPod(client, pod, nodeName)
    } catch (error) {
      cache.forget(key)
      onNodeRoom(nodeName)
      const current = pods.store.get(key)
      const isGone = isNotFound(error) || current?.metadata.uid !== pod.metadata.uid
      if (isGone || stopped || !current || current.spec.nodeName) return
      if (isConflict(error) && current.metadata.deletionTimestamp) return
      const message = `binding rejected: ${error instanceof Error ? error.message : String(error)}`
      queue.retry(queued)
      fail(current, { reason: 'SchedulerError', message })
      return
    }
    recorder.record(referenceTo(resources.pods, pod), {
      type: 'Normal',
      reason: 'Scheduled',
      message: `Successfully assigned ${key} to ${nodeName}`,
    })
  }

  async function begin(): Promise<void> {
    for (const informer of [nodes, pods]) {
      informer.start()
      await informer.whenSynced()
    }
    if (stopped) return
    queue.onReady(() => {
      due = true
      wake()
    })
    subscribe()
    wake()
  }

  return {
    start: () => (starting ??= begin()),
    async stop() {
      stopped = true
      for (const handler of handlers.splice(0)) handler[Symbol.dispose]()
      queue[Symbol.dispose]()
      await loop
      await Promise.all(background)
      recorder[Symbol.dispose]()
    },
    explain: (podKey) => explanations.explain(podKey),
    get pending() {
      return queue.size
    },
  }
}
