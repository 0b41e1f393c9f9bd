import type { Pod } from '../../api/generated/core-v1.ts'
import type { Clock } from '../../util/clock.ts'
import type { Logger } from '../../util/logger.ts'
import type { Runtime } from '../runtime/runtime.ts'
import type { PodUsage } from './node-usage.ts'

/** Walking files is dear: it is done at most this often (upstream: the volume stats aggregation period). */
const measurePeriodMs = 60_000
/** The first answer does not wait longer than this for it. */
const patienceMs = 2_000

/** Bytes on disk, as they were at the last measurement. */
export interface DiskUsage {
  /** Milliseconds since the epoch; undefined before the first measurement. */
  at: number | undefined
  /** Bytes in a container's own layer, by container id. */
  rootfs: Map<string, number>
  /** Bytes of a container's logs, by container id. */
  logs: Map<string, number>
  /** Bytes in a pod's volumes, by pod uid and volume name. */
  volumes: Map<string, Map<string, number>>
}

/** Measures disk usage now and then, in the background of those who ask. */
export function createDiskMeter(options: {
  runtime: Runtime
  findPod: (pod: { namespace: string; name: string; uid: string }) => Pod | undefined
  clock: Clock
  log: Logger
}): (pods: PodUsage[]) => Promise<DiskUsage> {
  const { runtime, findPod, clock, log } = options
  let known: DiskUsage = { at: undefined, rootfs: new Map(), logs: new Map(), volumes: new Map() }
  let measuring: Promise<void> | undefined

  async function measure(pods: PodUsage[]): Promise<void> {
    const rootfs = await runtime.writtenBytes()
    const logs = await runtime.logBytes(pods.flatMap(({ containers }) => containers.map(({ id }) => id)))
    const volumes = new Map<string, Map<string, number>>()
    // One after another: the disk is not to be kept busy by looking at it.
    for (const { pod, sandboxId } of pods) {
      const names = diskVolumes(findPod(pod))
      if (sandboxId !== undefined && names.length > 0) {
        volumes.set(pod.uid, await runtime.volumeUsage(sandboxId, names))
      }
    }
    known = { at: clock.now(), rootfs, logs, volumes }
  }

  return async (pods) => {
    const isDue = known.at === undefined || clock.now() - known.at >= measurePeriodMs
    if (isDue && !measuring) {
      measuring = measure(pods)
        .catch((error: unknown) => log.warn('disk usage could not be measured', { error }))
        .finally(() => (measuring = undefined))
    }
    if (known.at === undefined && measuring) {
      await Promise.race([measuring, new Promise<void>((resolve) => clock.after(patienceMs, resolve))])
    }
    return known
  }
}

/** The volumes that lie on the node's disk and belong to the pod alone. */
function diskVolumes(pod: Pod | undefined): string[] {
  return (pod?.spec.volumes ?? []).flatMap(({ name, emptyDir, configMap, secret, projected, downwardAPI }) =>
    (emptyDir && emptyDir.medium !== 'Memory') || configMap || secret || projected || downwardAPI
      ? [name]
      : [],
  )
}
