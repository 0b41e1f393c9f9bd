import type { Pod } from '../../api/generated/core-v1.ts'
import type { Clock } from '../../util/clock.ts'
import type { Logger } from '../../util/logger.ts'
import type { Backoff } from '../backoff.ts'
import type { Pressure } from '../eviction/thresholds.ts'
import type { ImageManager } from '../images/image-manager.ts'
import type { KubeletApi } from '../kubelet-api.ts'
import type { HookRunner } from '../lifecycle/hook-runner.ts'
import type { KubeletMetrics } from '../metrics/kubelet-metrics.ts'
import type { LogArchive } from '../logs/log-archive.ts'
import type { PodNetwork } from '../pod-network.ts'
import type { StatusManager } from '../pod-status/status-manager.ts'
import type { ProbeManager } from '../probes/probe-manager.ts'
import type { MachineInfo, Runtime } from '../runtime/runtime.ts'
import type { VolumeManager } from '../volumes/volume-manager.ts'
import type { ContainerKiller } from './container-killer.ts'
import type { PodEvents } from './pod-events.ts'
import type { RuntimeCache } from './runtime-cache.ts'

/** What the node is, as far as pods depend on it. */
interface NodeFacts {
  name: string
  ips: string[]
  /** `docker` or `simulated`: the prefix of container ids. */
  runtimeName: string
  allocatable: Record<string, string>
  clusterDomain: string
  /** Where seccomp profiles of type Localhost lie; undefined when the node keeps none. */
  seccompDirectory: string | undefined
  /** Undefined until the engine answered for the first time. */
  machine: MachineInfo | undefined
  /** Names of kernel parameters beyond the safe ones that pods may set. */
  allowedUnsafeSysctls: readonly string[]
  /** How many processes and threads a container may have. */
  podPidsLimit: number | undefined
}

/** The parts that bringing a pod in line takes; wired once in kubelet.ts. */
export interface KubeletParts {
  api: KubeletApi
  runtime: Runtime
  network: PodNetwork
  cache: RuntimeCache
  statuses: StatusManager
  images: ImageManager
  volumes: VolumeManager
  probes: ProbeManager
  logArchive: LogArchive
  hooks: HookRunner
  killer: ContainerKiller
  restarts: Backoff
  events: PodEvents
  /** Absent where nobody could read them. */
  metrics?: KubeletMetrics | undefined
  clock: Clock
  log: Logger
  node(): NodeFacts
  /** Why the engine cannot be used now, and what to do about it. */
  runtimeProblem(): string | undefined
  /** What the node is short of. */
  pressures(): ReadonlySet<Pressure>
  /** The pods that hold resources of the node, with what is set aside for them. */
  activePods(): Pod[]
  /** Has a pod make way for a critical one. */
  preempt(uid: string): void
  /** Whether the pod was told to end, by whomever. */
  isEnding(uid: string): boolean
  /** Repo digest of an image id, if it has one. */
  digestOf(imageId: string): string | undefined
}
