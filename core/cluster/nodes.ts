import { join } from 'node:path'
import type { Node } from '../api/generated/core-v1.ts'
import { resources } from '../api/resources.ts'
import type { Client } from '../client/client.ts'
import { createEventCorrelator } from '../client/event-correlator.ts'
import { createEventRecorder } from '../client/event-recorder.ts'
import type { Informer } from '../client/informer.ts'
import { explainUnavailable } from '../kubelet/docker/docker-errors.ts'
import { createClientApi } from '../kubelet/client-api.ts'
import type { PulledByNode } from '../kubelet/images/image-access.ts'
import type { KubeletSettings } from '../kubelet/kubelet-settings.ts'
import type { PodSources } from '../kubelet/pods/pod-source.ts'
import { createHostEntries } from '../network/host-entries.ts'
import type { HostPortIndex } from '../network/host-ports/host-port-index.ts'
import type { PolicyIndex } from '../network/policy/policy-index.ts'
import type { NodeUsage } from '../kubelet/stats/node-usage.ts'
import type { ServiceIndex } from '../network/service-index.ts'
import type { ServiceRanges } from '../network/service-ranges.ts'
import type { NodeBackend, NodeBackends } from '../server/streaming/backend.ts'
import type { Clock } from '../util/clock.ts'
import type { Logger } from '../util/logger.ts'
import type { DockerPlatform } from './docker-platform.ts'
import {
  runDockerNode,
  runSimulatedNode,
  runUnavailableNode,
  type NodeRunnerOptions,
  type RunningNode,
} from './node-runner.ts'
import type { KubeletListener } from './kubelet-listener.ts'
import { roleLabels, type NodeMember } from './node-members.ts'
import { stoppedAnnotation } from './switch-node.ts'

/** How often a missing engine is looked for again. */
const dockerRetryMs = 3_000

export interface NodesOptions {
  clusterId: string
  members: NodeMember[]
  assumedSubnet: string
  seccompDirectory: string
  settings: KubeletSettings
  /** Manifests of static pods: those of the first node, and of each other one in a sub-directory of its name. */
  staticPodPath: string
  /** Where logs of deleted pods stay for a day. */
  podLogDirectory: string
  /** Holds for each node a file of the images that it pulled. */
  imagesDirectory: string
  /** Undefined: all nodes are simulated. */
  platform: DockerPlatform | undefined
  /** A client that may do what this node may. */
  clientFor(node: string): Client
  /** An administrator's, for what no node may do to itself. */
  system: Client
  nodes: Informer<Node>
  pods: PodSources
  services: ServiceIndex
  serviceRanges: ServiceRanges
  policies: PolicyIndex
  hostPorts: HostPortIndex
  /** Gives nodes an HTTPS API of their own; those that are only simulated beside others have none. */
  listen: KubeletListener
  /** Told why Docker cannot be used, and (undefined) when it can be again. */
  onProblem(problem: string | undefined): void
  clock: Clock
  log: Logger
}

export interface Nodes {
  /** Whether a node is one of this process, running or not. */
  isHere(nodeName: string): boolean
  readonly backends: NodeBackends
  /** Where a node's kubelet serves its own API; undefined for a node that has none. */
  kubeletAddress(nodeName: string): { host: string; port: number } | undefined
  /** What a node and its pods use; undefined for a node that does not run here. */
  usageOf(nodeName: string): Promise<NodeUsage> | undefined
  /** Brings every node up; resolves when each is registered, with or without Docker. */
  start(): Promise<void>
  stop(containers: 'keep' | 'stop'): Promise<void>
}

/** One node over its whole life: up, down by command, waiting for Docker. Changes run one after another. */
class NodeHost {
  running: RunningNode | undefined
  #problem: string | undefined
  readonly #options: NodesOptions
  readonly #runner: NodeRunnerOptions
  #wanted = true
  #closed = false
  #work: Promise<void> = Promise.resolve()
  #retry: Disposable | undefined

  constructor(options: NodesOptions, runner: NodeRunnerOptions) {
    this.#options = options
    this.#runner = runner
  }

  /** Makes the node be as wanted: switched on or off. */
  set(wanted: boolean): Promise<void> {
    if (this.#closed) return this.#work
    this.#wanted = wanted
    return this.#enqueue(() => (this.#wanted ? this.#up() : this.#down('stop')))
  }

  close(containers: 'keep' | 'stop'): Promise<void> {
    this.#closed = true
    return this.#enqueue(() => this.#down(containers))
  }

  #enqueue(step: () => Promise<void>): Promise<void> {
    this.#work = this.#work.then(step).catch((error: unknown) => {
      this.#runner.log.error('node could not be changed', { node: this.#runner.member.name, error })
    })
    return this.#work
  }

  async #down(containers: 'keep' | 'stop'): Promise<void> {
    this.#retry?.[Symbol.dispose]()
    const { running } = this
    this.running = undefined
    await running?.stop(containers)
  }

  async #up(): Promise<void> {
    if (this.running && this.#problem === undefined) return
    const { platform } = this.#options
    if (!platform || this.#runner.member.isSimulated) {
      this.running = await runSimulatedNode(this.#runner)
      return
    }
    try {
      const node = await runDockerNode(this.#runner, platform)
      // The kubelet that only told the reason makes way; both never look after pods at the same time.
      await this.running?.stop('keep')
      this.running = node
      this.#tell(undefined)
    } catch (error) {
      await this.#waitForDocker(explainUnavailable(error))
    }
  }

  #tell(problem: string | undefined): void {
    this.#problem = problem
    this.#options.onProblem(problem)
  }

  async #waitForDocker(problem: string): Promise<void> {
    if (problem !== this.#problem) {
      this.#runner.log.warn('Docker cannot be used', { node: this.#runner.member.name, problem })
      await this.running?.stop('keep')
      this.running = await runUnavailableNode(this.#runner, problem)
      this.#tell(problem)
    }
    this.#retry?.[Symbol.dispose]()
    this.#retry = this.#options.clock.after(dockerRetryMs, () => {
      if (!this.#closed && this.#wanted) void this.#enqueue(() => this.#up())
    })
  }
}

function staticPodDirectory({ members, staticPodPath }: NodesOptions, member: NodeMember): string {
  return member === members[0] ? staticPodPath : join(staticPodPath, member.name)
}

/** The nodes of a cluster, each with a kubelet of its own; follows the annotation that switches one off and on. */
export function createNodes(options: NodesOptions): Nodes {
  const { clock, log } = options
  const hosts = new Map<string, NodeHost>()
  // One for all of them: what a thousand nodes remember is bounded together.
  const correlator = createEventCorrelator()
  const hostEntries = createHostEntries()
  const pulledByNode: PulledByNode = new Map()
  for (const member of options.members) {
    const { name } = member
    const client = options.clientFor(name)
    const events = createEventRecorder({ client, component: 'kubelet', host: name, correlator, clock, log })
    const runner: NodeRunnerOptions = {
      clusterId: options.clusterId,
      member,
      assumedSubnet: options.assumedSubnet,
      seccompDirectory: options.seccompDirectory,
      settings: options.settings,
      ...(options.platform &&
        !member.isSimulated && {
          podLogDirectory: options.podLogDirectory,
          pulledImagesFile: join(options.imagesDirectory, `${name}.json`),
        }),
      ...(member.isSimulated ? {} : { staticPodDirectory: staticPodDirectory(options, member) }),
      api: createClientApi(client, options.pods, (node) => options.nodes.store.get(node)),
      pods: options.pods.forNode(name),
      events,
      services: options.services,
      serviceRanges: options.serviceRanges,
      policies: options.policies,
      hostPorts: options.hostPorts,
      hostEntries,
      pulledByNode,
      client,
      listen: member.isSimulated ? undefined : options.listen,
      clock,
      log,
    }
    hosts.set(name, new NodeHost(options, runner))
  }
  const follow = (node: Node): void => {
    const stopped = node.metadata.annotations?.[stoppedAnnotation] === 'true'
    void hosts.get(node.metadata.name)?.set(!stopped)
  }
  /** A node may not say of itself what its role is. */
  const giveRole = ({ metadata }: Node): void => {
    const { name, labels } = metadata
    const member = options.members.find((one) => one.name === name)
    const missing = Object.entries(member ? roleLabels(member) : {}).filter(
      ([key]) => labels?.[key] === undefined,
    )
    if (missing.length === 0) return
    const body = { metadata: { labels: Object.fromEntries(missing) } }
    options.system.patch(resources.nodes, { name }, { type: 'merge', body }).catch((error: unknown) => {
      log.warn('the node could not be given its role', { node: name, error })
    })
  }
  let subscription: Disposable | undefined

  return {
    isHere: (name) => hosts.has(name),
    backends(name): NodeBackend | undefined {
      return hosts.get(name)?.running?.kubelet.backend
    },
    kubeletAddress: (name) => hosts.get(name)?.running?.address,
    usageOf: (name) => hosts.get(name)?.running?.kubelet.stats.usage(),
    async start() {
      await options.nodes.whenSynced()
      await Promise.all(
        [...hosts].map(([name, host]) => {
          const node = options.nodes.store.get(name)
          return host.set(node?.metadata.annotations?.[stoppedAnnotation] !== 'true')
        }),
      )
      subscription = options.nodes.addHandler({
        added: giveRole,
        updated(node, previous) {
          const before = previous.metadata.annotations?.[stoppedAnnotation]
          if (before !== node.metadata.annotations?.[stoppedAnnotation]) follow(node)
        },
      })
    },
    async stop(containers) {
      subscription?.[Symbol.dispose]()
      await Promise.all([...hosts.values()].map((host) => host.close(containers)))
    },
  }
}
