// What a runtime is asked to make, and what it says of what it made.

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
