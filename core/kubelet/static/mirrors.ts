import type { Pod, PodStatus } from '../../api/generated/core-v1.ts'
import type { Clock } from '../../util/clock.ts'
import type { Logger } from '../../util/logger.ts'
import type { KubeletApi } from '../kubelet-api.ts'
import { isStaticPod, mirroredHash, mirrorOf } from './static-pod.ts'

const retryMs = 5_000

/** What stands for static pods at the API server, so that they are seen there. */
export interface Mirrors extends Disposable {
  /** Has a mirror made for the pod, and made again whenever it goes. */
  want(pod: Pod): void
  /** Removes the mirror of a pod that ended. */
  unwant(pod: Pod): Promise<void>
  /** A mirror was added or changed at the API server. */
  seen(mirror: Pod): void
  gone(mirror: Pod): void
  /** Removes mirrors of what no file asks for any more. Only sound once all files were read. */
  removeStale(): void
  /** The status that the mirror of this very pod has. */
  statusOf(pod: Pod): PodStatus | undefined
  uidOf(pod: Pod): string | undefined
  /** Whose status is to be written for a pod: its mirror, nobody's while there is none, its own (undefined). */
  target(pod: Pod): Pod | 'none' | undefined
}

interface MirrorsOptions {
  nodeName: string
  api: KubeletApi
  clock: Clock
  log: Logger
  onNewMirror: (uid: string) => void
}

function keyOf({ metadata }: Pod): string {
  return `${metadata.namespace}/${metadata.name}`
}

/** The mirrors of one node. */
export function createMirrors(options: MirrorsOptions): Mirrors {
  const { nodeName, api, clock, log, onNewMirror } = options
  const wanted = new Map<string, Pod>()
  const known = new Map<string, Pod>()
  const retries = new Map<string, Disposable>()
  const told = new Set<string>()

  function fits(mirror: Pod | undefined, pod: Pod): boolean {
    return mirror !== undefined && mirroredHash(mirror) === pod.metadata.uid
  }

  /** Brings the API server's object of this name in line: none, or one that stands for the pod and is not being deleted. */
  async function settle(key: string): Promise<void> {
    const pod = wanted.get(key)
    const mirror = known.get(key)
    if (mirror && (!pod || !fits(mirror, pod) || mirror.metadata.deletionTimestamp !== undefined)) {
      await api.deletePod(mirror)
      return
    }
    if (!pod || mirror) return
    const node = await api.getNode(nodeName)
    if (!node) throw new Error(`node ${nodeName} is not registered yet`)
    await api.createMirrorPod(mirrorOf(pod, node))
    told.delete(key)
  }

  function settleSoon(key: string): void {
    retries.get(key)?.[Symbol.dispose]()
    retries.delete(key)
    settle(key).catch((error: unknown) => {
      if (!told.has(key)) log.warn('a static pod cannot be shown at the API server', { pod: key, error })
      told.add(key)
      retries.set(
        key,
        clock.after(retryMs, () => settleSoon(key)),
      )
    })
  }

  return {
    want(pod) {
      wanted.set(keyOf(pod), pod)
      settleSoon(keyOf(pod))
    },
    async unwant(pod) {
      const key = keyOf(pod)
      // A changed file has put another pod of the same name in its place.
      if (wanted.get(key)?.metadata.uid === pod.metadata.uid) wanted.delete(key)
      const mirror = known.get(key)
      if (mirror && fits(mirror, pod)) await api.deletePod(mirror)
    },
    seen(mirror) {
      const key = keyOf(mirror)
      const before = known.get(key)
      known.set(key, mirror)
      const pod = wanted.get(key)
      const isNew = before?.metadata.uid !== mirror.metadata.uid
      if (pod && isNew && fits(mirror, pod)) onNewMirror(pod.metadata.uid ?? '')
      if (pod && (!fits(mirror, pod) || mirror.metadata.deletionTimestamp !== undefined)) settleSoon(key)
    },
    gone(mirror) {
      const key = keyOf(mirror)
      if (known.get(key)?.metadata.uid === mirror.metadata.uid) known.delete(key)
      if (wanted.has(key)) settleSoon(key)
    },
    removeStale() {
      for (const key of known.keys()) if (!wanted.has(key)) settleSoon(key)
    },
    statusOf(pod) {
      const mirror = known.get(keyOf(pod))
      return fits(mirror, pod) ? mirror?.status : undefined
    },
    uidOf(pod) {
      const mirror = known.get(keyOf(pod))
      return fits(mirror, pod) ? mirror?.metadata.uid : undefined
    },
    target(pod) {
      if (!isStaticPod(pod)) return undefined
      const mirror = known.get(keyOf(pod))
      return mirror && fits(mirror, pod) ? mirror : 'none'
    },
    [Symbol.dispose]() {
      for (const retry of retries.values()) retry[Symbol.dispose]()
    },
  }
}
