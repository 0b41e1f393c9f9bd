import type { Node, NodeStatus, ObjectReference } from '../../api/generated/core-v1.ts'
import type { Lease } from '../../api/generated/coordination-v1.ts'
import { isAlreadyExists, isNotFound } from '../../api/status.ts'
import { rfc3339, rfc3339Micro } from '../../util/clock.ts'
import type { Clock } from '../../util/clock.ts'
import type { Logger } from '../../util/logger.ts'
import type { KubeletApi } from '../kubelet-api.ts'
import type { Pressure, Threshold } from '../eviction/thresholds.ts'
import type { EventSink, EventText } from '../pods/pod-events.ts'
import type { ImageStatus } from '../runtime/image-pull.ts'
import type { MachineInfo, Runtime } from '../runtime/runtime.ts'
import { ensureCsiNode } from './csi-node.ts'
import { extendedResources } from './extended-resources.ts'
import { nodeAllocatable } from './node-allocatable.ts'
import { nodeConditions } from './node-conditions.ts'
import { createNodeEvents } from './node-events.ts'
import {
  comparable,
  nodeAnnotations,
  nodeCapacity,
  nodeLabels,
  nodeObject,
  nodeStatus,
} from './node-object.ts'
import type { Machine, NodeInfo } from './node-object.ts'

/** Keeps the Node object and its Lease: registration, status and heartbeats. */
export interface NodeManager {
  /** Registers the node and begins the heartbeats; resolves after the first full round. */
  start(): Promise<void>
  stop(): void
  /** What can be asked of the node; empty until the engine answered once. */
  allocatable(): Record<string, string>
  /** The machine behind the node; undefined until the engine answered once. */
  machine(): MachineInfo | undefined
  digestOf(imageId: string): string | undefined
  /** An image that is there: the next listing of all may be a while away. */
  learn(image: ImageStatus): void
  /** Why the engine cannot be used now, in words that say what to do; undefined when it can. */
  problem(): string | undefined
  /** Writes the status now: something that it tells has changed. */
  refresh(): Promise<void>
  /** An event about the node. */
  tell(event: EventText): void
}

const leaseNamespace = 'kube-node-lease'
const leaseDurationSeconds = 40
const leasePeriodMs = 10_000
/** The engine is asked this often whether it still answers. */
const healthPeriodMs = 10_000
/** While it does not answer, more often: the node becomes Ready soon after Docker does. */
const unhealthyPeriodMs = 1_000
/** Images change seldom, and listing them costs the engine more than a ping. */
const imagesPeriodMs = 60_000
/** A status that did not change is written anew this often (upstream: nodeStatusReportFrequency). */
const statusPeriodMs = 300_000

interface NodeManagerOptions {
  name: string
  info: NodeInfo
  api: KubeletApi
  runtime: Runtime
  events: EventSink
  clock: Clock
  log: Logger
  /** Pods may not ask for what the hard ones keep free. */
  thresholds: readonly Threshold[]
  /** What the node is short of. */
  pressures: () => ReadonlySet<Pressure>
  /** Unique names of the attached volumes that pods have or are about to get, in order. */
  volumesInUse: () => string[]
  /** Called when the engine answers again, or no more. */
  onReadyChange: (ready: boolean) => void
}

/** A manager for one node. */
export function createNodeManager(options: NodeManagerOptions): NodeManager {
  const { name, info, api, runtime, events, clock, log, onReadyChange } = options
  let machine: Machine | undefined
  let images: ImageStatus[] = []
  let imagesAt: number | undefined
  let problem: string | undefined = 'the container runtime was not asked yet'
  let reported: NodeStatus = {}
  let reportedAt = 0
  let registered = false
  let stopped = false
  const timers = new Set<Disposable>()
  const nodeEvents = createNodeEvents(name, tell)

  async function examine(): Promise<void> {
    try {
      await runtime.ping()
      machine ??= { info: await runtime.machineInfo(), version: await runtime.version() }
      if (imagesAt === undefined || clock.now() - imagesAt >= imagesPeriodMs) {
        images = await runtime.listImages()
        imagesAt = clock.now()
      }
      setProblem(undefined)
    } catch (error) {
      // After an engine came back it may be another version of it.
      machine = undefined
      setProblem((error as Error).message)
    }
  }

  function setProblem(next: string | undefined): void {
    const changed = (problem === undefined) !== (next === undefined)
    problem = next
    if (!changed) return
    onReadyChange(next === undefined)
  }

  function tell(event: EventText): void {
    const reference: ObjectReference = { kind: 'Node', apiVersion: 'v1', name, uid: name }
    events.record(reference, event)
  }

  /** Extended resources are allocatable as others say. */
  function allocatable(extended: Record<string, string>): Record<string, string> {
    if (!machine) return {}
    return { ...nodeAllocatable(nodeCapacity(machine, info.maxPods), options.thresholds), ...extended }
  }

  async function register(): Promise<void> {
    const existing = await api.getNode(name)
    let created: Node | undefined
    if (!existing) {
      try {
        created = await api.createNode(nodeObject(name, info, machine))
        // It has no status yet, whatever one before it had.
        reported = {}
      } catch (error) {
        if (!isAlreadyExists(error)) throw error
      }
    } else {
      reported = existing.status ?? {}
      await adoptNode(existing)
    }
    const node = existing ?? created ?? (await api.getNode(name))
    if (node) await ensureCsiNode(api, node)
    registered = true
  }

  /** A node of an earlier run keeps its labels, annotations and taints; only what the kubelet owns is brought up to date. */
  async function adoptNode(existing: Node): Promise<void> {
    const architecture = machine?.info.architecture ?? existing.metadata.labels?.['kubernetes.io/arch']
    if (architecture === undefined) return
    const wanted = nodeLabels(name, info, architecture)
    const { labels = {}, annotations = {} } = existing.metadata
    const isSame =
      Object.entries(wanted).every(([key, value]) => labels[key] === value) &&
      Object.entries(nodeAnnotations).every(([key, value]) => annotations[key] === value)
    if (!isSame) await api.patchNode(name, { metadata: { labels: wanted, annotations: nodeAnnotations } })
  }

  async function writeStatus(): Promise<void> {
    if (!registered) await register()
    const now = rfc3339(clock.now())
    const conditions = nodeConditions(
      { problem, pressures: options.pressures() },
      reported.conditions ?? [],
      now,
    )
    const volumesInUse = options.volumesInUse()
    const extended = extendedResources(api.seenNode(name))
    const status = nodeStatus({
      name,
      info,
      machine,
      images,
      conditions,
      volumesInUse,
      allocatable: allocatable(extended.amounts),
    })
    const letGo = reported.volumesInUse !== undefined && volumesInUse.length === 0
    const isSame =
      !letGo && extended.gone.length === 0 && comparable({ ...reported, ...status }) === comparable(reported)
    if (isSame && clock.now() - reportedAt < statusPeriodMs) return
    try {
      await api.patchNodeStatus(name, {
        ...status,
        ...(letGo ? { volumesInUse: null } : {}),
        ...(extended.gone.length > 0
          ? {
              allocatable: {
                ...status.allocatable,
                ...Object.fromEntries(extended.gone.map((resource) => [resource, null])),
              },
            }
          : {}),
      })
    } catch (error) {
      // Somebody deleted the Node: upstream registers it anew.
      if (isNotFound(error)) registered = false
      throw error
    }
    const before = reported
    const { volumesInUse: _, ...rest } = before
    reported = { ...rest, ...status }
    nodeEvents.written(before, reported)
    reportedAt = clock.now()
  }

  async function renewLease(): Promise<void> {
    const renewTime = rfc3339Micro(clock.now())
    try {
      await api.renewLease(name, renewTime)
    } catch (error) {
      if (!isNotFound(error)) throw error
      const uid = (await api.getNode(name))?.metadata.uid
      // Without its owner it would stay when the node goes (upstream: kubelet SetNodeOwnerFunc); the next round tries again.
      if (uid !== undefined) await api.createLease(newLease(renewTime, uid))
    }
  }

  function newLease(renewTime: string, uid: string): Lease {
    const ownerReferences = [{ apiVersion: 'v1', kind: 'Node', name, uid }]
    return {
      apiVersion: 'coordination.k8s.io/v1',
      kind: 'Lease',
      metadata: { name, namespace: leaseNamespace, ownerReferences },
      spec: { holderIdentity: name, leaseDurationSeconds, renewTime },
    }
  }

  async function writeStatusOrWarn(): Promise<void> {
    await writeStatus().catch((error: unknown) => log.warn('node status could not be written', { error }))
  }

  async function round(): Promise<void> {
    nodeEvents.seen(api.seenNode(name))
    await examine()
    await writeStatusOrWarn()
  }

  function loop(task: () => Promise<void>, period: () => number): void {
    if (stopped) return
    const timer = clock.after(period(), () => {
      timers.delete(timer)
      void task()
        .catch((error: unknown) => log.warn('node heartbeat failed', { error }))
        .finally(() => loop(task, period))
    })
    timers.add(timer)
  }

  return {
    async start() {
      nodeEvents.starting()
      await examine()
      await writeStatus()
      await renewLease()
      loop(round, () => (problem === undefined ? healthPeriodMs : unhealthyPeriodMs))
      loop(renewLease, () => leasePeriodMs)
    },
    stop() {
      stopped = true
      for (const timer of timers) timer[Symbol.dispose]()
      timers.clear()
    },
    allocatable: () =>
      machine ? allocatable(extendedResources(api.seenNode(name)).amounts) : (reported.allocatable ?? {}),
    machine: () => machine?.info,
    digestOf: (imageId) => images.find(({ id }) => id === imageId)?.digests[0],
    learn(image) {
      const at = images.findIndex(({ id }) => id === image.id)
      if (at < 0) images = [...images, image]
      else if (image.digests.length > images[at]!.digests.length) images = images.with(at, image)
    },
    problem: () => problem,
    async refresh() {
      if (registered) await writeStatusOrWarn()
    },
    tell,
  }
}
