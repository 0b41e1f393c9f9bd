import type { Duplex, Readable } from 'node:stream'
import type { ImageStatus, PullControl, PulledImage, RegistryAuth } from './image-pull.ts'
import type { AttachOptions, ExecOptions, ExecSession, RuntimeLogOptions } from './runtime-streams.ts'
import type { RuntimeUsage, UsageTargets } from './usage.ts'
import type {
  ContainerResources,
  ContainerSpec,
  ContainerStatus,
  PodResources,
  SandboxSpec,
  SandboxStatus,
  VolumeFile,
} from './specs.ts'

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

export interface RuntimeChange {
  /** Empty with `resync`: changes may have been missed, everything must be looked at again. */
  podUid: string
  kind: 'container' | 'sandbox'
  action: 'start' | 'die' | 'oom' | 'create' | 'destroy' | 'resync'
}
