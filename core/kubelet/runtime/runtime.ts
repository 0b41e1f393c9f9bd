import type { Duplex, Readable } from 'node:stream'
import type { ImageStatus, PullControl, PulledImage, RegistryAuth } from './image-pull.ts'
import type { AttachOptions, ExecOptions, ExecSession, RuntimeLogOptions } from './runtime-streams.ts'
import type { RuntimeUsage, UsageTargets } from './usage.ts'

/**
 * The container runtime as the kubelet sees it (shape: CRI, k8s.io/cri-api). `core/kubelet/docker/` implements it over
 * the Docker Engine API, `core/kubelet/simulated/` without containers. All calls are idempotent: repeating one after
 * a crash reaches the same state. Errors are RuntimeError with upstream's reason.
 */
export interface Runtime {
  /** Name and version for node status, e.g. `docker://28.2.2`. */
  version(): Promise<RuntimeVersion>
  /** Resolves when the engine answers; rejects with a RuntimeError that says how to fix it. */
  ping(): Promise<void>
  /** CPU cores, memory bytes, kernel and OS of the machine the containers run on. */
  machineInfo(): Promise<MachineInfo>

  runSandbox(spec: SandboxSpec): Promise<SandboxStatus>
  stopSandbox(id: string): Promise<void>
  removeSandbox(id: string): Promise<void>
  /** Sets what all containers of a running sandbox with a group of its own may use together. */
  limitSandbox(id: string, resources: PodResources): Promise<void>
  /** All sandboxes of this node, or of one pod. */
  listSandboxes(podUid?: string): Promise<SandboxStatus[]>

  createContainer(spec: ContainerSpec): Promise<string>
  startContainer(id: string): Promise<void>
  /** Sends the stop signal, waits `graceSeconds`, then kills. */
  stopContainer(id: string, graceSeconds: number): Promise<void>
  removeContainer(id: string): Promise<void>
  /** Changes CPU and memory of a running container; what is left out stays as it is. */
  updateContainer(id: string, resources: ContainerResources): Promise<void>
  /** All app containers of this node, or of one pod, with full status. */
  listContainers(podUid?: string): Promise<ContainerStatus[]>
  containerStatus(id: string): Promise<ContainerStatus | undefined>

  /** Replaces all files of a volume of a running sandbox in one step: readers see the old ones or the new ones, never both. */
  writeVolume(sandboxId: string, volume: string, files: VolumeFile[]): Promise<void>
  /**
   * The start of a text file in a volume of a running sandbox, at most 64 KiB; undefined where there is none, or where a link
   * leads out of the volume.
   */
  readVolumeFile(sandboxId: string, volume: string, path: string): Promise<string | undefined>
  /** Bytes that the disk volumes of a running sandbox hold now, by volume name; those it cannot measure are left out. */
  volumeUsage(sandboxId: string, volumes: string[]): Promise<Map<string, number>>
  /** What running containers use now, in one round trip for all of them. */
  usage(targets: UsageTargets): Promise<RuntimeUsage>
  /** Bytes that containers of this node wrote to their own layer, by id. May take long: not to be asked often. */
  writtenBytes(): Promise<Map<string, number>>
  /** Bytes that are kept of what containers logged, by id. */
  logBytes(ids: string[]): Promise<Map<string, number>>
  /** Uids of the pods that own volumes on this node. */
  listVolumeOwners(): Promise<string[]>
  /** Removes all volumes of a pod; its containers and sandboxes must be gone. */
  removeVolumes(podUid: string): Promise<void>

  imageStatus(image: string): Promise<ImageStatus | undefined>
  pullImage(image: string, auth: RegistryAuth[], control: PullControl): Promise<PulledImage>
  listImages(): Promise<ImageStatus[]>
  /** Removes one name of an image, and the image with its last one. Rejects while any container uses it. */
  removeImage(image: string): Promise<void>

  /** Log lines of one container; ends at its end, or goes on while it runs with `follow`. */
  logs(id: string, options: RuntimeLogOptions): Promise<Readable>
  exec(id: string, options: ExecOptions): Promise<ExecSession>
  attach(id: string, options: AttachOptions): Promise<ExecSession>
  /** A byte stream to a port on the sandbox's loopback interface. */
  dial(sandboxId: string, port: number): Promise<Duplex>
  /** A byte stream to a port as others on the network reach the pod: what probes use. Rejects like `connect`. */
  dialPod(sandbox: { id: string; ip: string }, port: number): Promise<Duplex>

  /** Fires whenever a sandbox or container changed by itself or by us: the key of the pod to look at again. */
  onChange(listener: (change: RuntimeChange) => void): { dispose(): void }
  close(): Promise<void>
}

export class RuntimeError extends Error {
  /** Upstream's reason: ErrImagePull, ErrImageNeverPull, RunContainerError, CreateContainerError, RuntimeUnavailable … */
  readonly reason: string
  /** The pod's volume that could not be had. */
  readonly volume: string | undefined
  constructor(reason: string, message: string, options: ErrorOptions & { volume?: string } = {}) {
    super(message, options)
    this.reason = reason
    this.volume = options.volume
  }
}

export interface RuntimeVersion {
  name: string
  version: string
}

export interface MachineInfo {
  cpus: number
  memoryBytes: number
  operatingSystem: 'linux' | 'windows'
  architecture: string
  kernelVersion: string
  osImage: string
  machineId: string
  /** Another one after each boot of the machine. */
  bootId?: string
  swapBytes?: number
  /** Of the file system that images and containers lie on. */
  diskBytes?: number
  /** Names of the engine's runtimes; absent where it has only one. */
  runtimeHandlers?: string[]
  /** Security modules that the host has. */
  security?: { seccomp: boolean; appArmor: boolean; seLinux: boolean }
}

export interface PodIdentity {
  uid: string
  name: string
  namespace: string
}

export interface SandboxSpec {
  pod: PodIdentity
  attempt: number
  hostname: string
  /** What follows the host name in the pod's fully qualified name. */
  domainname?: string
  /** From the pod network; absent with hostNetwork. */
  ip?: string
  hostNetwork: boolean
  hostPid: boolean
  hostIpc: boolean
  /** Written to the sandbox's resolv.conf before any app container starts. */
  resolvConf: string
  /** Written to the sandbox's /etc/hosts likewise. */
  hostsFile: string
  /** Ports of the pod that the node's host gives to the outside, where nobody else has them. */
  ports?: PortMapping[]
  /** One of the engine's runtimes; its default when absent. */
  runtimeHandler?: string
  /** Kernel parameters of the sandbox's namespaces. */
  sysctls?: Record<string, string>
  /** Its containers are counted and limited together, as `limitSandbox` says. */
  ownGroup?: boolean
  labels: Record<string, string>
  /** The pod's annotations: hints to the runtime, not kept. */
  annotations: Record<string, string>
  /** The pod's volumes, all mounted into the sandbox so that they live as long as the pod. */
  volumes: RuntimeVolume[]
}

/** One port of a pod published on the host. */
export interface PortMapping {
  containerPort: number
  hostPort: number
  /** Address of the host to listen on; all of them when absent. */
  hostIp?: string
  protocol: 'TCP' | 'UDP' | 'SCTP'
}

/** A pod volume as the runtime makes it. `files` are written before any app container starts. */
export interface RuntimeVolume {
  name: string
  /**
   * `disk` and `memory` go with the pod; `image` does too and begins as a copy of an image; `hostPath` is the host's own;
   * `persistent` outlives pods.
   */
  kind: 'disk' | 'memory' | 'hostPath' | 'persistent' | 'image'
  /** Reference of the image, which is there. */
  image?: string
  hostPath?: string
  /** What has to be at the path: a type of the API, `Exists` for anything, or nothing to have a directory made where none is. */
  hostPathType?: string
  /** Which persistent one. */
  handle?: string
  /** No container may write to it. */
  readOnly?: boolean
  sizeLimitBytes?: number
  mode: number
  /** Group that owns the volume's root; with `persistent` also everything in it. */
  gid?: number
  /** Ownership of a persistent volume is only set when its root has another one. */
  ownsWhenRootDiffers?: boolean
  files?: VolumeFile[]
}

export interface VolumeFile {
  path: string
  content: Uint8Array
  mode: number
  /** Owner; root when absent. */
  uid?: number
  gid?: number
}

export interface SandboxStatus {
  id: string
  pod: PodIdentity
  attempt: number
  state: 'ready' | 'notReady'
  /** Its making was cut off, so that it may lack files: to be made again under the same attempt, which goes on with it. */
  unfinished?: boolean
  ip?: string
  /** Process id in the engine's pid namespace; the network agent enters by it. 0 when not running. */
  pid: number
  createdAt: string
  startedAt?: string
  /** Whether its containers can be limited together. */
  ownGroup?: boolean
  /** What `limitSandbox` set last; absent before it did, and in a process that was started later. */
  resources?: PodResources
  /** Told once, of a sandbox that was started just now: the ports it was to have on the host and could not. */
  unpublished?: Array<{ port: number; reason: string }>
}

/** What a pod as a whole may use; without limit where a field is absent. */
export interface PodResources extends ContainerResources {
  /** Processes and threads of all its containers together. */
  pidsLimit?: number
}

/** CPU and memory of a container as the runtime takes them. */
export interface ContainerResources {
  cpuShares?: number
  /** Microseconds. */
  cpuQuota?: { quota: number; period: number }
  memoryLimitBytes?: number
}

export interface ContainerSpec extends ContainerResources {
  pod: PodIdentity
  sandboxId: string
  name: string
  attempt: number
  /** The sandbox's. */
  runtimeHandler?: string
  image: string
  /** Overrides of the image's entrypoint and command; `undefined` keeps the image's. */
  command?: string[]
  args?: string[]
  env: string[]
  workingDir?: string
  tty: boolean
  stdin: boolean
  /** Stdin ends when the first who attached to it leaves. */
  stdinOnce?: boolean
  mounts: Array<{
    volume: string
    path: string
    readOnly: boolean
    subPath?: string
    /** Whether mounts made on the host show in the container, or also the other way round. */
    propagation?: 'HostToContainer' | 'Bidirectional'
  }>
  user?: string
  privileged: boolean
  readOnlyRootFilesystem: boolean
  capabilities?: { add: string[]; drop: string[] }
  noNewPrivileges: boolean
  /** Further group ids of the container's process. */
  supplementalGroups?: number[]
  /** It has no groups but those that are named here; those that the image gives its user are added otherwise. */
  strictGroups?: boolean
  /** Whether it is there to do something and end: an init container, or one of a Job's pod. */
  runsToEnd?: boolean
  /** Hash of the container's spec, kept as a label: a different hash means restart. */
  specHash: string
  labels: Record<string, string>
  /** Signal that asks the process to end; the image's when absent. */
  stopSignal?: string
  /** Where the container may leave a last message, and whether the end of its log stands in for it after a failure. */
  terminationMessage?: { path: string; fallBackToLogs: boolean }
  /** Whose processes the container sees: its own when absent, the pod's, the node's, or those of one other container. */
  pid?: 'pod' | 'node' | { containerId: string }
  /** Whether it shares the node's IPC namespace instead of the pod's. */
  hostIpc?: boolean
  /** Whether its pod is on the network of the node. */
  hostNetwork?: boolean
  seccomp?: SeccompProfile
  /** Name of a loaded AppArmor profile, or `unconfined`; the engine's own profile when absent. */
  appArmorProfile?: string
  seLinux?: { user?: string; role?: string; type?: string; level?: string }
}

/** What a container's system calls are filtered by: nothing, the engine's own profile, or a profile given as JSON text. */
export type SeccompProfile = 'unconfined' | 'runtimeDefault' | { json: string }

export interface ContainerStatus {
  id: string
  pod: PodIdentity
  sandboxId: string
  name: string
  attempt: number
  state: 'created' | 'running' | 'exited'
  image: string
  imageId: string
  createdAt: string
  /** What it has now; absent where the runtime cannot tell. */
  resources?: ContainerResources
  /** As whom its first process began, likewise. */
  user?: { uid: number; gid: number; supplementalGroups: number[] }
  startedAt?: string
  finishedAt?: string
  exitCode?: number
  /** Completed, Error, OOMKilled, StartError. */
  reason?: string
  /** Why it could not run, and the termination message it left. */
  message?: string
  specHash: string
}

export interface RuntimeChange {
  /** Empty with `resync`: changes may have been missed, everything must be looked at again. */
  podUid: string
  kind: 'container' | 'sandbox'
  action: 'start' | 'die' | 'oom' | 'create' | 'destroy' | 'resync'
}
