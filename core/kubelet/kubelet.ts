import type { Pod } from '../api/generated/core-v1.ts'
import type { Clock } from '../util/clock.ts'
import type { Logger } from '../util/logger.ts'
import type { MetricRegistry } from '../util/metrics/metric-registry.ts'
import { createBackoff, kubeletBackoff } from './backoff.ts'
import type { PulledByNode } from './images/image-access.ts'
import { createImageCollector } from './images/image-collector.ts'
import { createImageManager } from './images/image-manager.ts'
import { createPulledImages } from './images/pulled-images.ts'
import type { KubeletApi } from './kubelet-api.ts'
import { defaultKubeletSettings } from './kubelet-settings.ts'
import type { KubeletSettings } from './kubelet-settings.ts'
import { createEvictionManager } from './eviction/eviction-manager.ts'
import { createKubeletMetrics } from './metrics/kubelet-metrics.ts'
import { measureRuntime } from './metrics/measured-runtime.ts'
import { addNodeGauges } from './metrics/node-gauges.ts'
import { createHookRunner } from './lifecycle/hook-runner.ts'
import { createLogArchive } from './logs/log-archive.ts'
import type { LogArchiveOptions } from './logs/log-archive.ts'
import { createNodeLogs } from './logs/node-logs.ts'
import type { NodeLogs } from './logs/node-logs.ts'
import type { PodNetwork } from './pod-network.ts'
import { createNodeManager } from './node/node-manager.ts'
import type { NodeInfo } from './node/node-object.ts'
import { createContainerKiller } from './pods/container-killer.ts'
import type { KubeletParts } from './pods/kubelet-parts.ts'
import { createPodEvents } from './pods/pod-events.ts'
import type { EventSink } from './pods/pod-events.ts'
import { createPodManager } from './pods/pod-manager.ts'
import type { PodSource } from './pods/pod-source.ts'
import { createRuntimeCache } from './pods/runtime-cache.ts'
import { createStatusManager } from './pod-status/status-manager.ts'
import { createProbeManager } from './probes/probe-manager.ts'
import type { Runtime } from './runtime/runtime.ts'
import { createKubeletStats, type KubeletStats } from './stats/kubelet-stats.ts'
import type { SamplingOptions } from './stats/usage-sampler.ts'
import { createStaticPods } from './static/static-pods.ts'
import type { StaticPodOptions } from './static/static-pods.ts'
import { createBackend } from './streams/backend.ts'
import type { KubeletBackend, StreamTarget } from './streams/backend.ts'
import { createVolumeManager } from './volumes/volume-manager.ts'

export interface KubeletOptions {
  nodeName: string
  /** `createClientApi(client, podSources, seenNode)`. */
  api: KubeletApi
  /** `createPodSources(informer of all pods).forNode(nodeName)`. */
  pods: PodSource
  /** An EventRecorder of component `kubelet` with the node as host. */
  events: EventSink
  runtime: Runtime
  /** Prefix of container ids in statuses, e.g. `docker`. */
  runtimeName: string
  network: PodNetwork
  nodeInfo: NodeInfo
  clusterDomain: string
  /** Where seccomp profiles of type Localhost lie. */
  seccompDirectory?: string
  /** Left out: the node has no static pods. */
  staticPods?: StaticPodOptions
  /** Remembers the images that this kubelet pulled, which are all that it ever removes. */
  pulledImagesFile?: string
  /** Shared by nodes on one engine; left out: this node is alone on its own. */
  pulledByNode?: PulledByNode
  /** Left out: the logs of a pod go with it. */
  logArchive?: LogArchiveOptions
  /** Left out: the defaults. */
  settings?: KubeletSettings
  /** Where it counts what happens; left out: nowhere. */
  metrics?: MetricRegistry
  /** How often usage is measured while somebody asks. */
  sampling?: Partial<SamplingOptions>
  clock: Clock
  log: Logger
}

/** The agent of one node: registers it, runs its pods, reports on both. */
export interface Kubelet {
  /** Registers the node and takes up the pods. Resolves also without an engine: the node is then NotReady until it answers. */
  start(): Promise<void>
  /** Ends the agent. `keep` leaves the containers running for the next start, `stop` stops them. Does not close the runtime. */
  stop(options: { containers: 'keep' | 'stop' }): Promise<void>
  readonly backend: KubeletBackend
  readonly stats: KubeletStats
  /** What its API serves at `/logs/`. */
  readonly nodeLogs: NodeLogs
  /** `/metrics/probes`: what the probes found so far. */
  probeMetrics(): string
  /** The pods bound to the node, with their newest statuses. */
  pods(): Pod[]
  /** Why the engine cannot be used now; undefined when it can. */
  problem(): string | undefined
}

const housekeepingPeriodMs = 120_000
const retryMs = 2_000

/** Wires the parts of a kubelet; nothing happens before `start`. */
export function createKubelet(options: KubeletOptions): Kubelet {
  const { nodeName, network, clock, nodeInfo, settings = defaultKubeletSettings } = options
  const metrics = options.metrics && createKubeletMetrics(options.metrics, clock)
  const runtime = options.metrics ? measureRuntime(options.runtime, options.metrics, clock) : options.runtime
  const log = options.log.child(`kubelet/${nodeName}`)
  const events = createPodEvents(options.events)
  const staticPods =
    options.staticPods &&
    createStaticPods({
      ...options.staticPods,
      nodeName,
      api: options.api,
      pods: options.pods,
      events: options.events,
      clock,
      log,
      onNewMirror: (uid) => statuses.resend(uid),
    })
  const api = staticPods?.api ?? options.api
  const statuses = createStatusManager({ api, clock, log })
  const node = createNodeManager({
    name: nodeName,
    info: nodeInfo,
    api,
    runtime,
    events: options.events,
    clock,
    log,
    thresholds: settings.evictionThresholds,
    pressures: () => eviction.pressures(),
    volumesInUse: () => volumes.inUse(),
    onReadyChange,
  })
  const cache = createRuntimeCache({
    ...{ runtime, clock, log },
    onChange: (uid) => pods.enqueue(uid),
    onRelist: (ms) => metrics?.relisted(ms),
  })
  const lookAgain = (uid: string): void => {
    cache.invalidate(uid)
    pods.enqueue(uid)
  }
  const onlyOurs: PulledByNode = new Map()
  const { pulledByNode = onlyOurs } = options
  const pulled = createPulledImages(options.pulledImagesFile, {
    log,
    onSome: () => pulledByNode.set(nodeName, pulled),
  })
  const imageCollector = createImageCollector({
    runtime,
    pulled,
    tellNode: (event) => node.tell(event),
    settings: settings.imageCollection,
    clock,
    log,
  })
  const logArchive = createLogArchive(options.logArchive, { runtime, clock, log })
  const volumes = createVolumeManager({ api, clock, onInUseChange: () => void node.refresh() })
  const hooks = createHookRunner({ runtime, clock })
  const parts: KubeletParts = {
    api,
    runtime,
    network,
    cache,
    statuses,
    events,
    metrics,
    clock,
    log,
    images: createImageManager({
      runtime,
      config: api,
      backoff: createBackoff({ clock, ...kubeletBackoff }),
      clock,
      events,
      pulled,
      pulledByNode,
      onImage: (image) => node.learn(image),
      onDone: (uid) => pods.enqueue(uid),
    }),
    volumes,
    probes: createProbeManager({ runtime, events, clock, onChange: (uid) => pods.enqueue(uid) }),
    hooks,
    logArchive,
    killer: createContainerKiller({ runtime, hooks, events, clock, log, onDone: lookAgain }),
    restarts: createBackoff({ clock, ...kubeletBackoff }),
    node: () => ({
      name: nodeName,
      ips: [nodeInfo.internalIp],
      runtimeName: options.runtimeName,
      allocatable: node.allocatable(),
      clusterDomain: options.clusterDomain,
      seccompDirectory: options.seccompDirectory,
      machine: node.machine(),
      allowedUnsafeSysctls: settings.allowedUnsafeSysctls,
      podPidsLimit: settings.podPidsLimit,
    }),
    runtimeProblem: () => node.problem(),
    digestOf: (imageId) => node.digestOf(imageId),
    pressures: () => eviction.pressures(),
    activePods: () => pods.active(),
    preempt: (uid) => pods.preempt(uid),
    isEnding: (uid) => pods.isEnding(uid),
  }
  const pods = createPodManager(parts)
  const stats = createKubeletStats({
    nodeName,
    runtime,
    cache,
    findPod: (pod) => pods.find(pod),
    machine: () => node.machine(),
    ...(options.sampling && { sampling: options.sampling }),
    clock,
    log,
  })
  const eviction = createEvictionManager({
    runtime,
    stats,
    activePods: () => pods.active(),
    evict: (uid, message, graceSeconds) => pods.evict(uid, message, graceSeconds),
    onEvicted: (signal) => metrics?.evicted(signal),
    settings,
    reclaimDisk: () => imageCollector.removeUnused(),
    tellNode: (event) => node.tell(event),
    onPressureChange: () => void node.refresh(),
    clock,
    log,
  })
  const figures = { pods: () => pods.list(), activePods: () => pods.active(), states: () => cache.states() }
  if (options.metrics) addNodeGauges(options.metrics, { nodeName, ...figures })
  let source: Disposable | undefined
  let housekeeping: Disposable | undefined
  let retry: Disposable | undefined
  let synced = false

  /** Whoever asks for a static pod names its mirror. */
  function findPod(target: StreamTarget): Pod | undefined {
    const pod = pods.find(target)
    const isNamed = target.uid === '' || pod?.metadata.uid === target.uid
    return pod && (isNamed || staticPods?.isMirrorOf(target.uid, pod)) ? pod : undefined
  }

  function onReadyChange(ready: boolean): void {
    if (ready && synced) void takeOver()
  }

  /** Adopts what runs, then ends what nobody wants; again whenever the engine came back. */
  async function takeOver(): Promise<void> {
    try {
      await pods.adopt()
      await pods.removeOrphans()
    } catch (error) {
      log.warn('the runtime cannot be read yet', { error })
      // An engine that is down brings us here again when it answers; one that only failed once does not.
      if (node.problem() === undefined) retry = clock.after(retryMs, () => void takeOver())
    }
  }

  return {
    async start() {
      await pulled.load()
      await node.start()
      source = await (staticPods?.source ?? options.pods).start({
        onPod: (pod) => pods.handlePod(pod),
        onRemoved: (pod) => pods.handleRemoved(pod),
      })
      synced = true
      eviction.start()
      imageCollector.start()
      logArchive.start()
      await takeOver()
      housekeeping = clock.every(housekeepingPeriodMs, () => {
        pods.removeOrphans().catch((error: unknown) => log.warn('housekeeping failed', { error }))
      })
    },
    async stop({ containers }) {
      node.stop()
      eviction[Symbol.dispose]()
      imageCollector[Symbol.dispose]()
      logArchive[Symbol.dispose]()
      retry?.[Symbol.dispose]()
      housekeeping?.[Symbol.dispose]()
      source?.[Symbol.dispose]()
      stats[Symbol.dispose]()
      cache[Symbol.dispose]()
      await pods.stop(containers)
      await pulled.flush()
    },
    backend: createBackend({ runtime, cache, statuses, findPod }),
    stats,
    nodeLogs: createNodeLogs({ runtime, cache, pods: () => pods.list() }),
    probeMetrics: () => parts.probes.metrics(),
    pods: () => pods.list().map((pod) => ({ ...pod, status: statuses.current(pod) })),
    problem: () => node.problem(),
  }
}
