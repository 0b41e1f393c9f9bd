import type { Pod } from '../../api/generated/core-v1.ts'
import { evictPod, preemptPod } from '../eviction/evict-pod.ts'
import { isTerminalPhase } from '../../api/pod-status.ts'
import type { StreamTarget } from '../streams/backend.ts'
import { RuntimeError } from '../runtime/runtime.ts'
import type { PodIdentity } from '../runtime/specs.ts'
import type { KubeletParts } from './kubelet-parts.ts'
import { createPodRecord, endPasses, mustTerminate, renewPod } from './pod-record.ts'
import type { PodRecord } from './pod-record.ts'
import { createPodWorkers } from './pod-workers.ts'
import type { SyncResult } from './pod-workers.ts'
import { syncPod } from './sync-pod.ts'
import { terminatePod } from './terminate-pod.ts'

/** All pods of the node: what the API server wants of them, and the workers that bring it about. */
export interface PodManager {
  /** A pod was added or changed at the API server. */
  handlePod(pod: Pod): void
  /** A pod is gone from the API server. */
  handleRemoved(pod: Pod): void
  /** Asks for a pass over a pod. Unknown pods are passed over. */
  enqueue(uid: string): void
  /**
   * Takes over what runs from an earlier life, then lets the workers begin; may be repeated after the runtime was away.
   * Rejects when the runtime cannot be read.
   */
  adopt(): Promise<void>
  /** Ends what belongs to no pod of the API server. Only sound once all pods were handled. */
  removeOrphans(): Promise<void>
  find(target: StreamTarget): Pod | undefined
  /** Has a pod end as Evicted; the message says why. Its processes get a moment, or the given time. */
  evict(uid: string, message: string, graceSeconds?: number): void
  /** Has a pod make way for a critical one. */
  preempt(uid: string): void
  /** Whether the pod was told to end, by whomever. */
  isEnding(uid: string): boolean
  /** The pods that hold resources of the node, with what is set aside for them. */
  active(): Pod[]
  /** The pods of the API server that are bound to this node. */
  list(): Pod[]
  /** Stops the workers; with `stop` also the containers. */
  stop(containers: 'keep' | 'stop'): Promise<void>
}

/** Looking again while the runtime has not been read yet. */
const notReadyRetryMs = 1_000
/** The longest grace period that containers get when the whole app ends. */
const shutdownGraceSeconds = 10

/** A pod manager over the parts of one kubelet. */
export function createPodManager(parts: KubeletParts): PodManager {
  const { cache, network, runtime, log, clock } = parts
  const records = new Map<string, PodRecord>()
  /** Pods that were ended but whose removal was not seen yet: late news of them are no new pods. */
  const ended = new Set<string>()
  const toldUnavailable = new Set<string>()
  /** Pods that no pass was over yet. */
  const isFresh = new Set<string>()
  let adopted = false
  const workers = createPodWorkers({ sync, clock, log })

  async function sync(uid: string): Promise<SyncResult> {
    const record = records.get(uid)
    if (!record) return {}
    if (!adopted) {
      const problem = parts.runtimeProblem()
      if (problem !== undefined) tellUnavailable(record, problem)
      return { requeueAfterMs: notReadyRetryMs }
    }
    const kind = mustTerminate(record) ? 'kill' : isFresh.delete(uid) ? 'create' : 'sync'
    const beganAt = clock.now()
    try {
      const result = kind === 'kill' ? await terminate(record) : await syncPod(parts, record)
      toldUnavailable.delete(uid)
      return result
    } catch (error) {
      if (error instanceof RuntimeError && error.reason === 'RuntimeUnavailable') {
        tellUnavailable(record, error.message)
      }
      throw error
    } finally {
      parts.metrics?.passed(uid, kind, clock.now() - beganAt)
    }
  }

  async function terminate(record: PodRecord): Promise<SyncResult> {
    const { gone, ...result } = await terminatePod(parts, record)
    if (gone) {
      records.delete(record.uid)
      parts.metrics?.podGone(record.uid)
      if (!record.removed) ended.add(record.uid)
    }
    return result
  }

  /** Says once on the pod why nothing happens, and how that can be mended. */
  function tellUnavailable(record: PodRecord, problem: string): void {
    if (toldUnavailable.has(record.uid)) return
    toldUnavailable.add(record.uid)
    parts.events.pod(record.pod, {
      type: 'Warning',
      reason: 'FailedCreatePodSandBox',
      message: `Failed to create pod sandbox: ${problem}`,
    })
  }

  function enqueue(uid: string): void {
    if (records.has(uid)) workers.enqueue(uid)
  }

  return {
    handlePod(pod) {
      const { uid = '' } = pod.metadata
      if (ended.has(uid)) return
      const record = records.get(uid)
      if (record) {
        renewPod(record, pod)
        if (mustTerminate(record)) endPasses(record)
      } else {
        records.set(uid, createPodRecord(pod))
        isFresh.add(uid)
        parts.metrics?.podSeen(pod)
      }
      enqueue(uid)
    },
    handleRemoved(pod) {
      const { uid = '' } = pod.metadata
      ended.delete(uid)
      const record = records.get(uid)
      if (!record) return
      record.removed = true
      endPasses(record)
      enqueue(uid)
    },
    enqueue,
    async adopt() {
      await cache.relist()
      for (const uid of cache.uids()) {
        const { sandboxes } = await cache.get(uid)
        const ip = sandboxes.find((sandbox) => sandbox.ip !== undefined)?.ip
        if (ip !== undefined) network.adopt(uid, ip)
      }
      adopted = true
      for (const uid of records.keys()) enqueue(uid)
    },
    async removeOrphans() {
      for (const uid of cache.uids()) {
        if (records.has(uid) || ended.has(uid)) continue
        const { sandboxes, containers } = await cache.get(uid)
        const identity = [...sandboxes, ...containers][0]?.pod
        if (!identity) continue
        log.info('ending a pod that the API server does not know', { pod: identity.name, uid })
        const record = createPodRecord(orphan(identity))
        record.removed = true
        records.set(uid, record)
        enqueue(uid)
      }
      for (const uid of await runtime.listVolumeOwners()) {
        if (!records.has(uid)) await runtime.removeVolumes(uid)
      }
    },
    find({ namespace, name }) {
      for (const { pod } of records.values()) {
        if (pod.metadata.name === name && pod.metadata.namespace === namespace) return pod
      }
      return undefined
    },
    list: () => [...records.values()].filter(({ removed }) => !removed).map(({ pod }) => pod),
    evict(uid, message, graceSeconds) {
      const record = records.get(uid)
      if (!record || mustTerminate(record)) return
      evictPod(parts, record, { message, graceSeconds })
      enqueue(uid)
    },
    preempt(uid) {
      const record = records.get(uid)
      if (!record || mustTerminate(record)) return
      preemptPod(parts, record)
      enqueue(uid)
    },
    isEnding(uid) {
      const record = records.get(uid)
      return record !== undefined && mustTerminate(record)
    },
    active: () =>
      [...records.values()]
        .filter(({ pod, removed }) => !removed && !isTerminalPhase(pod.status?.phase))
        .map(({ pod }) => pod),
    async stop(containers) {
      for (const record of records.values()) endPasses(record)
      await workers.stop()
      if (containers === 'stop') await stopAll(parts)
    },
  }
}

/** What is known of a pod whose API object is gone: enough to end it. */
function orphan(identity: PodIdentity): Pod {
  const { uid, name, namespace } = identity
  return { metadata: { uid, name, namespace }, spec: { containers: [] } }
}

/** Stops all containers of the node and then their sandboxes; nothing is removed, so that the next start finds it. */
async function stopAll({ runtime, log }: KubeletParts): Promise<void> {
  try {
    const running = (await runtime.listContainers()).filter(({ state }) => state === 'running')
    await Promise.all(running.map(({ id }) => runtime.stopContainer(id, shutdownGraceSeconds)))
    const sandboxes = (await runtime.listSandboxes()).filter(
      ({ state, unfinished }) => state === 'ready' || unfinished,
    )
    await Promise.all(sandboxes.map(({ id }) => runtime.stopSandbox(id)))
  } catch (error) {
    log.warn('containers could not be stopped', { error })
  }
}
