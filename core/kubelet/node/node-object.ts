import { createHash } from 'node:crypto'
import type {
  ContainerImage,
  Node,
  NodeCondition,
  NodeRuntimeHandler,
  NodeStatus,
  Taint,
} from '../../api/generated/core-v1.ts'
import { formatBytes } from '../../api/quantity.ts'
import type { ImageStatus } from '../runtime/image-pull.ts'
import type { MachineInfo, RuntimeVersion } from '../runtime/runtime.ts'

/** What the composition root tells about a node. */
export interface NodeInfo {
  /** Address pods and the API server know the node by. */
  internalIp: string
  /** Port of its own HTTPS API; undefined where it has none. */
  kubeletPort?: number
  /** The range its pods get their addresses from. */
  podCidr: string
  /** Kubernetes version the node reports, e.g. `v1.36.0`. */
  kubeletVersion: string
  /** Pods it takes at most. */
  maxPods: number
  /** Further labels, e.g. the control-plane role. */
  labels: Record<string, string>
  /** Taints it is registered with. */
  taints?: Taint[]
}

/** What the engine told about its machine; undefined while it cannot be reached. */
export interface Machine {
  info: MachineInfo
  version: RuntimeVersion
}

/** Where the disk cannot be seen: pods that request some must still find a node. */
const assumedDiskBytes = 100 * 2 ** 30

/** As many images as a status tells, and as many names of each (upstream: nodeStatusMaxImages, MaxNamesPerImageInNodeStatus). */
const maxImages = 50
const maxImageNames = 5

/**
 * What pods may rely on here and not everywhere (upstream: component-helpers/nodedeclaredfeatures), in order. Not among them
 * is what this kubelet has not: ExtendWebSocketsToKubelet.
 */
const declaredFeatures = ['InPlacePodLevelResourcesVerticalScaling', 'RestartAllContainersOnContainerExits']

/** What every node says of itself: the attach-detach controller, not the kubelet, has volumes attached (upstream: volume/util ControllerManagedAttachAnnotation). */
export const nodeAnnotations = { 'volumes.kubernetes.io/controller-managed-attach-detach': 'true' }

/** Capacity of a node: each has the whole machine, as every node of kind and k3d has. */
export function nodeCapacity(machine: Machine, maxPods: number): Record<string, string> {
  return {
    cpu: String(machine.info.cpus),
    memory: wholeKibibytes(machine.info.memoryBytes),
    pods: String(maxPods),
    'ephemeral-storage': wholeKibibytes(machine.info.diskBytes ?? assumedDiskBytes),
    'hugepages-1Gi': '0',
    'hugepages-2Mi': '0',
  }
}

function wholeKibibytes(bytes: number): string {
  return formatBytes(Math.floor(bytes / 1024) * 1024)
}

/** A stable id in the form of a machine id, made of the engine's and the node's. */
function machineId(machine: Machine, nodeName: string): string {
  return createHash('sha256').update(`${machine.info.machineId}/${nodeName}`).digest('hex').slice(0, 32)
}

/** The Node as it is registered: metadata and spec; the status follows by itself. */
export function nodeObject(name: string, info: NodeInfo, machine: Machine | undefined): Node {
  const architecture = machine?.info.architecture ?? goArchitecture()
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name, labels: nodeLabels(name, info, architecture), annotations: nodeAnnotations },
    spec: {
      podCIDR: info.podCidr,
      podCIDRs: [info.podCidr],
      ...(info.taints?.length ? { taints: info.taints } : {}),
    },
  }
}

/** The labels every node of a cluster carries. */
export function nodeLabels(name: string, info: NodeInfo, architecture: string): Record<string, string> {
  return {
    'kubernetes.io/hostname': name,
    'kubernetes.io/os': 'linux',
    'kubernetes.io/arch': architecture,
    'beta.kubernetes.io/os': 'linux',
    'beta.kubernetes.io/arch': architecture,
    ...info.labels,
  }
}

function goArchitecture(): string {
  return process.arch === 'x64' ? 'amd64' : process.arch
}

export interface NodeStatusInput {
  name: string
  info: NodeInfo
  machine: Machine | undefined
  images: ImageStatus[]
  conditions: NodeCondition[]
  volumesInUse: string[]
  /** What of the capacity pods may ask for; empty without an engine. */
  allocatable: Record<string, string>
}

/** The node's status. Without an engine, capacity and system facts stay as they were reported before. */
export function nodeStatus(input: NodeStatusInput): NodeStatus {
  const { name, info, machine } = input
  const status: NodeStatus = {
    addresses: [
      { type: 'InternalIP', address: info.internalIp },
      { type: 'Hostname', address: name },
    ],
    conditions: input.conditions,
    ...(input.volumesInUse.length > 0 ? { volumesInUse: input.volumesInUse } : {}),
    features: { supplementalGroupsPolicy: true },
    declaredFeatures,
    ...(info.kubeletPort === undefined
      ? {}
      : { daemonEndpoints: { kubeletEndpoint: { Port: info.kubeletPort } } }),
  }
  if (!machine) return status
  const id = machineId(machine, name)
  return {
    ...status,
    capacity: nodeCapacity(machine, info.maxPods),
    allocatable: input.allocatable,
    images: input.images
      .map(apiImage)
      .toSorted((a, b) => (b.sizeBytes ?? 0) - (a.sizeBytes ?? 0))
      .slice(0, maxImages),
    runtimeHandlers: runtimeHandlers(machine),
    nodeInfo: {
      architecture: machine.info.architecture,
      bootID: machine.info.bootId ?? id,
      containerRuntimeVersion: `${machine.version.name}://${machine.version.version}`,
      kernelVersion: machine.info.kernelVersion,
      kubeProxyVersion: '',
      kubeletVersion: info.kubeletVersion,
      machineID: id,
      operatingSystem: machine.info.operatingSystem,
      osImage: machine.info.osImage,
      systemUUID: id,
      ...(machine.info.swapBytes ? { swap: { capacity: machine.info.swapBytes } } : {}),
    },
  }
}

/** The engine's own runtime has no name (upstream: kubelet/nodestatus RuntimeHandlers). */
function runtimeHandlers({ info }: Machine): NodeRuntimeHandler[] {
  const features = { recursiveReadOnlyMounts: false, userNamespaces: false }
  return ['', ...(info.runtimeHandlers ?? []).toSorted()].map((name) => ({ name, features }))
}

function apiImage(image: ImageStatus): ContainerImage {
  return { names: [...image.digests, ...image.tags].slice(0, maxImageNames), sizeBytes: image.sizeBytes }
}

/** What of a status counts beside its conditions. */
const compared = [
  'addresses',
  'capacity',
  'allocatable',
  'nodeInfo',
  'images',
  'daemonEndpoints',
  'features',
  'declaredFeatures',
  'runtimeHandlers',
] as const

/** A status without its heartbeat times: of two that have the same text none needs to be written. */
export function comparable(status: NodeStatus): string {
  const conditions = status.conditions?.map(({ type, status: value, reason, message }) => ({
    type,
    value,
    reason,
    message,
  }))
  const { volumesInUse = [] } = status
  return JSON.stringify([conditions, ...compared.map((name) => status[name]), volumesInUse])
}
