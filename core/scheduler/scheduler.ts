import type { Pod } from '../api/generated/core-v1.ts'
import type { PodDisruptionBudget } from '../api/generated/policy-v1.ts'
import type { Resource } from '../api/gvk.ts'
import { objectKey, type KubeObject } from '../api/meta.ts'
import { resources } from '../api/resources.ts'
import { isConflict, isNotFound } from '../api/status.ts'
import type { Explanation } from '../api/scheduling.ts'
import type { Client } from '../client/client.ts'
import type { EventRecorder } from '../client/event-recorder.ts'
import type { InformerFactory } from '../client/informer-factory.ts'
import type { Informer } from '../client/informer.ts'
import { referenceTo } from '../client/object-reference.ts'
import type { Clock } from '../util/clock.ts'
import type { Logger } from '../util/logger.ts'
import { bindPod, nominate, reportUnschedulable, type SchedulingFailure } from './bind.ts'
import type { ClusterEvent } from './cluster-event.ts'
import type { ClusterView } from './cluster-view.ts'
import { watchCluster } from './cluster-watch.ts'
import { createExplanations } from './explanations.ts'
import { failureMessage } from './failure-message.ts'
import { createNominator } from './nominator.ts'
import { createPodPeers } from './pod-peers.ts'
import { createPreemptor } from './preemption/preemptor.ts'
import { defaultProfile, type Profile } from './profile.ts'
import { createAlgorithm, type Algorithm, type Attempt } from './schedule-one.ts'
import { createSchedulerCache } from './scheduler-cache.ts'
import type { SchedulerObserver } from './scheduler-observer.ts'
import { createReservations, type Reservation } from './reservations.ts'
import { createSchedulingLoop } from './scheduling-loop.ts'
import { createSchedulingQueue, type QueuedPod } from './scheduling-queue.ts'

export interface SchedulerOptions {
  client: Client
  informers: InformerFactory
  clock: Clock
  log: Logger
  /** Writes events as series. */
  recorder: (component: string) => EventRecorder
  /** What the API serves, asked at the start; without it PodDisruptionBudgets are not looked at. */
  resources?: () => readonly Resource<KubeObject>[]
  /** Breaks ties between equal nodes; default Math.random. */
  random?: () => number
  /** For which pods, and how; by default those of `default-scheduler` with upstream's plugins. */
  profiles?: readonly Profile[]
  observer?: SchedulerObserver
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

/**
 * Assigns pods to nodes (upstream: pkg/scheduler): one pod at a time against sums that are kept per node, then binding
 * in the background while the pod counts as assumed there. A pod no node would do for waits until a change that its
 * rejecting plugins say could help; meanwhile less important pods may be evicted to make room for it.
 */
export function createScheduler(options: SchedulerOptions): Scheduler {
  const { client, informers, clock, log, observer, random = Math.random } = options
  const cache = createSchedulerCache()
  const queue = createSchedulingQueue(clock)
  const nominator = createNominator()
  const explanations = createExplanations()
  const pods = informers.informer(resources.pods)
  const namespaces = informers.informer(resources.namespaces)
  const peers = createPodPeers(informers)
  const reservations = createReservations({ client, informers, clock })
  const { storage, devices } = reservations
  const cluster: ClusterView = {
    nodes: cache.nodes,
    nodeMemo: cache.nodeMemo,
    cohorts: cache.cohorts,
    storage: storage.view,
    devices: devices.view,
    nodesWithImage: cache.nodesWithImage,
    namespaceLabels: (name) => namespaces.store.get(name)?.metadata.labels,
    peersOf: peers.peersOf,
  }
  const profiles = new Map(
    (options.profiles ?? [defaultProfile]).map((profile) => [
      profile.schedulerName,
      {
        ...profile,
        algorithm: createAlgorithm({ ...profile, cluster, nominator, random }),
        recorder: options.recorder(profile.schedulerName),
      },
    ]),
  )
  let budgets: Informer<PodDisruptionBudget> | undefined
  const preemptor = createPreemptor({
    client,
    clock,
    cluster,
    nominator,
    budgets: () => budgets?.store.list() ?? [],
    random,
  })
  const background = new Set<Promise<void>>()
  let watching: Disposable | undefined
  let starting: Promise<void> | undefined
  let stopped = false
  const loop = createSchedulingLoop({ pop: () => queue.pop(), schedule: scheduleOne, log })

  type RunningProfile = Profile & { algorithm: Algorithm; recorder: EventRecorder }
  function profileOf({ spec }: Pod): RunningProfile | undefined {
    return profiles.get(spec.schedulerName || defaultProfile.schedulerName)
  }

  function inBackground(work: Promise<void>): void {
    const tracked = work
      .catch((error: unknown) => log.error('scheduler work failed', { error }))
      .finally(() => background.delete(tracked))
    background.add(tracked)
  }

  function onEvent(event: ClusterEvent): void {
    queue.activate(
      (info, rejectedBy) => profileOf(info.pod)?.algorithm.isHelpedBy(info, rejectedBy, event) ?? false,
    )
  }

  function scheduleOne(queued: QueuedPod): void {
    const { info } = queued
    // The informer may have shown its end after it was queued.
    const current = pods.store.get(info.key)
    if (!current || current.metadata.uid !== info.pod.metadata.uid || current.spec.nodeName) return
    const profile = profileOf(current)
    if (!profile) return
    const beganAt = performance.now()
    const attempt = profile.algorithm.schedule(info)
    observer?.decided(performance.now() - beganAt)
    if (!attempt.chosen) {
      observer?.attempted(profile.schedulerName, 'unschedulable', performance.now() - beganAt)
      return onUnschedulable(queued, { current, attempt, profile })
    }
    explanations.keep(info.key, attempt, { at: clock.now() })
    const { name, node } = attempt.chosen
    const reservation = node && reservations.reserve(info, node)
    nominator.delete(info.key)
    cache.assume(info, name)
    inBackground(bind(queued, name, { profile, reservation, beganAt }))
  }

  function onUnschedulable(
    queued: QueuedPod,
    { current, attempt, profile }: { current: Pod; attempt: Attempt; profile: RunningProfile },
  ): void {
    const { info } = queued
    const outcome = preemptor.find(info, attempt, profile.filters)
    const { candidate } = outcome
    const message = failureMessage(attempt, outcome.message)
    const preemption = candidate && {
      node: candidate.node.name,
      victims: candidate.victims.map(({ key }) => key),
    }
    explanations.keep(info.key, attempt, { at: clock.now(), message, ...(preemption ? { preemption } : {}) })
    const rejectedBy = new Set([...attempt.rejections.values()].map(({ plugin }) => plugin))
    queue.park({ ...queued, rejectedBy })
    const failure: SchedulingFailure = { reason: 'Unschedulable', message }
    if (candidate) {
      failure.nominatedNodeName = candidate.node.name
      observer?.preempted(candidate.victims.length)
      const losers = preemptor.nominate(info, candidate)
      const { recorder } = profile
      inBackground(
        preemptor.evict(info, candidate, { recorder, losers }).catch((error: unknown) => {
          log.warn('preemption failed', { pod: info.key, error })
          queue.activateOne(info.key)
        }),
      )
    } else if (outcome.clearsNomination) {
      failure.nominatedNodeName = ''
      nominator.delete(info.key)
    }
    fail(current, profile, failure)
  }

  function fail(pod: Pod, { recorder }: RunningProfile, failure: SchedulingFailure): void {
    const { message } = failure
    const text = { type: 'Warning', reason: 'FailedScheduling', action: 'Scheduling', message } as const
    recorder.record(referenceTo(resources.pods, pod), text)
    inBackground(reportUnschedulable({ client, clock }, pod, failure))
  }

  async function bind(
    queued: QueuedPod,
    nodeName: string,
    how: { profile: RunningProfile; reservation: Reservation | undefined; beganAt: number },
  ): Promise<void> {
    const { profile, reservation, beganAt } = how
    const { pod, key } = queued.info
    let stage = ''
    try {
      if (reservation) {
        // What is written may take long, and others want to know where the pod will be meanwhile.
        await nominate(client, pod, nodeName)
        await reservation.prepare()
      }
      stage = 'binding rejected: '
      await bindPod(client, pod, nodeName)
    } catch (error) {
      cache.forget(key)
      if (reservation) {
        await reservation.giveUp().catch((problem: unknown) => {
          log.warn('what a pod had reserved was not given back', { pod: key, error: problem })
        })
        onEvent({ type: 'StorageUpdate' })
        onEvent({ type: 'DeviceUpdate', freesDevices: true })
      }
      const node = cache.node(nodeName)
      if (node) onEvent({ type: 'PodDelete', pod: queued.info, node })
      const current = pods.store.get(key)
      const isGone = isNotFound(error) || current?.metadata.uid !== pod.metadata.uid
      if (isGone || stopped || !current || current.spec.nodeName) return
      if (isConflict(error) && current.metadata.deletionTimestamp) return
      const message = `${stage}${error instanceof Error ? error.message : String(error)}`
      observer?.attempted(profile.schedulerName, 'error', performance.now() - beganAt)
      queue.retry(queued)
      if (!reservation) return fail(current, profile, { reason: 'SchedulerError', message })
      // The informer may not have shown yet where it was to be.
      const nominated = { ...current, status: { ...current.status, nominatedNodeName: nodeName } }
      fail(nominated, profile, { reason: 'SchedulerError', message, nominatedNodeName: '' })
      return
    }
    reservation?.done()
    observer?.attempted(profile.schedulerName, 'scheduled', performance.now() - beganAt)
    observer?.placed(queued.attempts, clock.now() - queued.queuedAt)
    profile.recorder.record(referenceTo(resources.pods, pod), {
      type: 'Normal',
      reason: 'Scheduled',
      message: `Successfully assigned ${key} to ${nodeName}`,
      action: 'Binding',
    })
  }

  async function begin(): Promise<void> {
    const isServed = options
      .resources?.()
      .some(
        ({ group, resource }) => group === 'policy' && resource === resources.podDisruptionBudgets.resource,
      )
    if (isServed) budgets = informers.informer(resources.podDisruptionBudgets)
    const needed = [
      informers.informer(resources.nodes),
      pods,
      namespaces,
      ...peers.informers,
      ...storage.informers,
      ...devices.informers,
    ]
    for (const informer of budgets ? [...needed, budgets] : needed) {
      informer.start()
      await informer.whenSynced()
    }
    if (stopped) return
    observer?.began(() => queue.pending())
    queue.onReady(() => loop.wake())
    watching = watchCluster({
      informers,
      storage: storage.informers,
      devices: devices.informers,
      cache,
      queue,
      nominator,
      isOurs: (pod) => profileOf(pod) !== undefined,
      onEvent,
      onPodDeleted(pod) {
        explanations.forget(objectKey(pod))
        reservations.podGone(objectKey(pod))
        preemptor.forget(pod.metadata.uid ?? '')
      },
    })
    loop.wake()
  }

  return {
    start: () => (starting ??= begin()),
    async stop() {
      stopped = true
      const settled = loop.stop()
      watching?.[Symbol.dispose]()
      queue[Symbol.dispose]()
      reservations[Symbol.dispose]()
      await settled
      await Promise.all(background)
      for (const { recorder } of profiles.values()) recorder[Symbol.dispose]()
    },
    explain: (podKey) => explanations.explain(podKey),
    get pending() {
      return queue.size
    },
  }
}
