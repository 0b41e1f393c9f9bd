import type { PodIdentity } from '../runtime/specs.ts'
import type { FileSystemUsage, InterfaceUsage, RuntimeUsage, UsageSample } from '../runtime/usage.ts'

/** A sample with the rate since the one before it. */
export interface RatedSample extends UsageSample {
  /** Nanoseconds of CPU time per second; undefined until there were two samples. */
  cpuNanoCores?: number
  /** Length of the window that the rate is taken over. */
  windowMs?: number
}

/** What one container of a pod uses. */
export interface ContainerUsage extends RatedSample {
  id: string
  name: string
  image: string
  /** RFC 3339. */
  startedAt: string | undefined
}

/** What a pod uses, by container. */
export interface PodUsage {
  pod: PodIdentity
  /** RFC 3339: when its sandbox came up. */
  startedAt: string | undefined
  sandboxId: string | undefined
  /** Running containers that could be measured, by name. */
  containers: ContainerUsage[]
  /** Running containers, measured or not. */
  running: number
  network: InterfaceUsage[]
}

/** What a node and all its pods use, measured at once. */
export interface NodeUsage {
  /** Milliseconds since the epoch. */
  at: number
  machine?: RatedSample & { availableBytes: number }
  fileSystem?: FileSystemUsage
  pods: PodUsage[]
}

/** One container to be measured, with what it belongs to. */
export interface MeasuredContainer {
  id: string
  name: string
  image: string
  startedAt: string | undefined
}

/** The pods of a node at the moment of a measurement. */
export interface MeasuredPod {
  pod: PodIdentity
  startedAt: string | undefined
  sandboxId: string | undefined
  containers: MeasuredContainer[]
}

/** Puts a measurement together with the one before it. */
export function nodeUsage(
  at: number,
  pods: MeasuredPod[],
  samples: { now: RuntimeUsage; before: RuntimeUsage | undefined },
): NodeUsage {
  const { now, before } = samples
  const usage: NodeUsage = {
    at,
    pods: pods.map(({ pod, startedAt, sandboxId, containers }) => ({
      pod,
      startedAt,
      sandboxId,
      running: containers.length,
      network: (sandboxId === undefined ? undefined : now.network.get(sandboxId)) ?? [],
      containers: containers.flatMap((container) => {
        const sample = now.containers.get(container.id)
        return sample ? [{ ...container, ...rated(sample, before?.containers.get(container.id)) }] : []
      }),
    })),
  }
  if (now.fileSystem) usage.fileSystem = now.fileSystem
  if (now.machine) usage.machine = rated(now.machine, before?.machine)
  return usage
}

/** A counter that went back belongs to something else by now: no rate is made up from it. */
function rated<S extends UsageSample>(sample: S, before: UsageSample | undefined): S & RatedSample {
  const windowMs = sample.uptimeMs - (before?.uptimeMs ?? sample.uptimeMs)
  const nanoSeconds = sample.cpuNanoSeconds - (before?.cpuNanoSeconds ?? 0)
  if (windowMs <= 0 || nanoSeconds < 0) return sample
  return { ...sample, cpuNanoCores: Math.round((nanoSeconds * 1000) / windowMs), windowMs }
}
