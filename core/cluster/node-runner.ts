import { serviceUnavailable } from '../api/status.ts'
import type { Client } from '../client/client.ts'
import type { KubeletListener } from './kubelet-listener.ts'
import type { KubeletApi } from '../kubelet/kubelet-api.ts'
import { createKubelet, type Kubelet } from '../kubelet/kubelet.ts'
import type { PulledByNode } from '../kubelet/images/image-access.ts'
import type { KubeletSettings } from '../kubelet/kubelet-settings.ts'
import { createDockerRuntime } from '../kubelet/docker/docker-runtime.ts'
import { createNodeNetwork, type NodeNetwork } from '../kubelet/docker/node-network.ts'
import { startNodeAgent, type DockerNodeAgent } from '../kubelet/docker/node-agent.ts'
import type { EventSink } from '../kubelet/pods/pod-events.ts'
import type { PodSource } from '../kubelet/pods/pod-source.ts'
import type { PodNetwork } from '../kubelet/pod-network.ts'
import { RuntimeError, type Runtime } from '../kubelet/runtime/runtime.ts'
import { createSimulatedRuntime } from '../kubelet/simulated/simulated-runtime.ts'
import type { HostAddress } from '../network/host-address.ts'
import { createHealthCheckPorts } from '../network/health-check-ports.ts'
import type { HostEntries } from '../network/host-entries.ts'
import type { HostPortIndex } from '../network/host-ports/host-port-index.ts'
import { readHostResolvers } from '../network/host-resolvers.ts'
import { createPodNetwork, type NodePodNetwork } from '../network/pod-network.ts'
import type { RuleApplier } from '../network/service-proxy.ts'
import type { PolicyIndex } from '../network/policy/policy-index.ts'
import type { ServiceIndex } from '../network/service-index.ts'
import type { ServiceRanges } from '../network/service-ranges.ts'
import { versionInfo } from '../server/version.ts'
import type { Clock } from '../util/clock.ts'
import type { Logger } from '../util/logger.ts'
import { clusterDomain, serviceNetwork } from './bootstrap-objects.ts'
import type { DockerPlatform, PreparedDocker } from './docker-platform.ts'
import { decodeStaticPod } from './decode-static-pod.ts'
import { createNodeMetrics } from './node-metrics.ts'
import { kubeletLabels, nodeAddress, podRange, type NodeMember } from './node-members.ts'

export interface NodeRunnerOptions {
  clusterId: string
  member: NodeMember
  /** Where seccomp profiles of type Localhost lie. */
  seccompDirectory: string
  /** What the command line says of kubelets. */
  settings: KubeletSettings
  /** Where logs of deleted pods stay for a day; undefined: they go with the pod. */
  podLogDirectory?: string
  /** Remembers the images that the node pulled. */
  pulledImagesFile?: string
  /** Shared by the nodes of the process: they are on one engine. */
  pulledByNode: PulledByNode
  /** Manifests of static pods; undefined for a node that has none. */
  staticPodDirectory?: string
  /** Pod network to assume while Docker has not given one. */
  assumedSubnet: string
  api: KubeletApi
  pods: PodSource
  events: EventSink
  services: ServiceIndex
  serviceRanges: ServiceRanges
  policies: PolicyIndex
  hostPorts: HostPortIndex
  /** Told where pods reach the kubelet. */
  hostEntries: HostEntries
  /** The kubelet's own connection to the API server. */
  client: Client
  /** Gives the node an HTTPS API of its own; undefined where nobody could ask for it. */
  listen: KubeletListener | undefined
  clock: Clock
  log: Logger
}

/** A node that is up: its kubelet, and whatever belongs to it. */
export interface RunningNode {
  readonly kubelet: Kubelet
  /** Where the kubelet's own API listens. */
  readonly address?: { host: string; port: number }
  stop(containers: 'keep' | 'stop'): Promise<void>
}

interface NodeParts {
  runtime: Runtime
  runtimeName: string
  network: NodePodNetwork
  subnet: string
  /** How pods reach this process; undefined where they cannot, or there are none. */
  host?: HostAddress | undefined
}

/** Where everybody looks for a kubelet. */
const usualKubeletPort = 10250

async function run(options: NodeRunnerOptions, parts: NodeParts): Promise<RunningNode> {
  const { runtime, network, subnet } = parts
  const { member } = options
  const podCidr = podRange(member, subnet)
  const podNetwork: PodNetwork = network
  const internalIp = nodeAddress(podCidr)
  const late: { kubelet?: Kubelet } = {}
  const metrics = options.listen && createNodeMetrics(options.clock)
  const server = await options.listen?.({
    metrics: metrics!,
    name: member.name,
    ip: internalIp,
    client: options.client,
    ...(parts.host && { podHost: parts.host.listen }),
    kubelet() {
      if (!late.kubelet) throw serviceUnavailable('the kubelet is starting')
      return late.kubelet
    },
  })
  const kubelet = createKubelet({
    nodeName: member.name,
    api: options.api,
    pods: options.pods,
    events: options.events,
    runtime,
    runtimeName: parts.runtimeName,
    network: podNetwork,
    nodeInfo: {
      internalIp,
      ...(server && { kubeletPort: server.address.port }),
      podCidr,
      kubeletVersion: versionInfo().gitVersion,
      maxPods: 110,
      labels: kubeletLabels(member),
      taints: member.taints,
    },
    ...(metrics && { metrics }),
    clusterDomain,
    seccompDirectory: options.seccompDirectory,
    settings: options.settings,
    ...(options.podLogDirectory && { logArchive: { directory: options.podLogDirectory } }),
    pulledByNode: options.pulledByNode,
    ...(options.pulledImagesFile && { pulledImagesFile: options.pulledImagesFile }),
    ...(options.staticPodDirectory && {
      staticPods: { directory: options.staticPodDirectory, decode: decodeStaticPod },
    }),
    clock: options.clock,
    log: options.log,
  })
  late.kubelet = kubelet
  if (server && parts.host) {
    const { port } = server.podAddress ?? server.address
    const endpoints = [`${parts.host.reach}:${port}`]
    options.hostEntries.set(
      member.name,
      [usualKubeletPort, server.address.port].map((wanted) => ({
        clusterIp: internalIp,
        protocol: 'tcp',
        port: wanted,
        endpoints,
        affinitySeconds: 0,
      })),
    )
  }
  const healthCheckPorts =
    parts.host &&
    createHealthCheckPorts({
      node: { name: member.name, ip: internalIp },
      host: parts.host,
      services: options.services,
      hostEntries: options.hostEntries,
      log: options.log.child(`network/${member.name}`),
    })
  try {
    await kubelet.start()
  } catch (error) {
    await healthCheckPorts?.close()
    await server?.close()
    throw error
  }
  return {
    kubelet,
    ...(server && { address: server.address }),
    async stop(containers) {
      options.hostEntries.set(member.name, [])
      await healthCheckPorts?.close()
      await server?.close()
      await kubelet.stop({ containers })
      network.dispose()
      await runtime.close()
    },
  }
}

function networkOf(
  options: NodeRunnerOptions,
  rules: RuleApplier,
  prepared: Partial<PreparedDocker> & { subnet: string },
): NodePodNetwork {
  const podCidr = podRange(options.member, prepared.subnet)
  return createPodNetwork({
    node: { name: options.member.name, podCidr },
    services: options.services,
    policies: options.policies,
    nodeAddresses: [
      ...new Set([prepared.network?.gateway, prepared.apiServer?.ip, nodeAddress(podCidr)]),
    ].filter((ip) => ip !== undefined),
    rules,
    dns: { clusterIp: serviceNetwork.dnsIp, domain: clusterDomain, target: prepared.dns },
    apiServer: { clusterIp: serviceNetwork.kubernetesIp, target: prepared.apiServer },
    hostEntries: options.hostEntries,
    hostPorts: options.hostPorts,
    serviceRanges: options.serviceRanges,
    hostResolvers: readHostResolvers,
    clock: options.clock,
    log: options.log.child(`network/${options.member.name}`),
  })
}

/** Runs a node over Docker. Rejects when the engine cannot give what it needs; `explain` puts that into words. */
export async function runDockerNode(
  options: NodeRunnerOptions,
  platform: DockerPlatform,
): Promise<RunningNode> {
  const prepared = await platform.prepared.get()
  const { docker } = platform
  const { clusterId, clock, log } = options
  const { name } = options.member
  const agent = await startNodeAgent({ docker, clusterId, nodeName: name, image: prepared.image, clock, log })
  const { subnet } = prepared.network
  const network = networkOf(options, agent, { ...prepared, subnet })
  const nodeNetwork = createNodeNetwork({
    docker,
    owner: { clusterId, nodeName: name },
    image: prepared.image,
    network: prepared.network.name,
    ip: nodeAddress(podRange(options.member, subnet)),
    setUp: (pid) => network.setUpNode(pid),
    tearDown: () => network.tearDownNode(),
  })
  const node = await run(options, {
    runtime: createDockerRuntime({
      docker,
      cluster: { id: clusterId },
      nodeName: name,
      network: { name: prepared.network.name },
      image: () => Promise.resolve(prepared.image),
      nodeNetwork,
      agent,
      clock,
      log,
    }),
    runtimeName: 'docker',
    network,
    subnet,
    host: prepared.host,
  })
  return { ...node, stop: (containers) => stopWithContainers(node, { agent, nodeNetwork }, containers) }
}

/** Pods that are kept go on using the network of the node. */
async function stopWithContainers(
  node: RunningNode,
  { agent, nodeNetwork }: { agent: DockerNodeAgent; nodeNetwork: NodeNetwork },
  containers: 'keep' | 'stop',
): Promise<void> {
  await node.stop(containers)
  if (containers === 'stop') await nodeNetwork.remove()
  await agent.close()
}

/** No rule is ever applied where no pod has a network namespace. */
const noRules: RuleApplier = {
  applyRules: () => Promise.resolve(),
  forgetFlows: () => Promise.resolve(),
  leaveRules: () => undefined,
}

/** Runs a node without containers; it lives by the scripts in its pods' annotations. */
export function runSimulatedNode(options: NodeRunnerOptions): Promise<RunningNode> {
  const subnet = options.assumedSubnet
  return run(options, {
    runtime: createSimulatedRuntime({ clock: options.clock }),
    runtimeName: 'simulated',
    network: networkOf(options, noRules, { subnet }),
    subnet,
  })
}

/** Runs a node whose engine is missing: registered, NotReady, with the reason. */
export function runUnavailableNode(options: NodeRunnerOptions, problem: string): Promise<RunningNode> {
  const runtime = createSimulatedRuntime({ clock: options.clock })
  const refuse = (): Promise<never> => Promise.reject(new RuntimeError('RuntimeUnavailable', problem))
  const unavailable: Runtime = {
    ...runtime,
    ping: refuse,
    version: refuse,
    machineInfo: refuse,
    runSandbox: refuse,
    listSandboxes: refuse,
    listContainers: refuse,
  }
  const subnet = options.assumedSubnet
  return run(options, {
    runtime: unavailable,
    runtimeName: 'docker',
    network: networkOf(options, noRules, { subnet }),
    subnet,
  })
}
