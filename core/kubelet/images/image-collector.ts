import type { Clock } from '../../util/clock.ts'
import type { Logger } from '../../util/logger.ts'
import type { ImageCollection } from '../kubelet-settings.ts'
import type { EventText } from '../pods/pod-events.ts'
import type { Runtime } from '../runtime/runtime.ts'
import type { PulledImages } from './pulled-images.ts'

/** Removes images that nobody needs when the disk fills up (upstream: kubelet/images/image_gc_manager.go). */
export interface ImageCollector extends Disposable {
  start(): void
  /** Removes all that can be removed, however full the disk is. */
  removeUnused(): Promise<void>
}

interface ImageCollectorOptions {
  runtime: Pick<Runtime, 'usage' | 'listContainers' | 'imageStatus' | 'removeImage'>
  pulled: PulledImages
  tellNode: (event: EventText) => void
  settings: ImageCollection
  clock: Clock
  log: Logger
}

const periodMs = 5 * 60_000

/**
 * Upstream begins at 85 % of the disk and ends at 80 %, taking the disk for the node's own. A desktop's is not: one that its
 * owner has filled to nine tenths would lose every image as soon as its last pod ended, and pull it again the next time,
 * with a hundred gigabytes free. What matters is that images go before pods do, which are evicted when 2 GiB are left: so
 * images go from 4 GiB on, until 8 GiB are free. On a disk so small that upstream's percentages leave less, they hold.
 */
const desktop = { beginBytes: 4 * 2 ** 30, endBytes: 8 * 2 ** 30, high: 85, low: 80 }

/**
 * Only images that this kubelet pulled are removed, the longest unused first, and none that a container uses: the engine
 * refuses to remove what containers of others use.
 */
export function createImageCollector(options: ImageCollectorOptions): ImageCollector {
  const { runtime, pulled, clock, log } = options
  const { minimumAgeMs } = options.settings
  let timer: Disposable | undefined

  async function collect(): Promise<void> {
    if (pulled.list().length === 0) return
    const { fileSystem } = await runtime.usage({ containers: [], sandboxes: [] })
    if (!fileSystem) return
    const { capacityBytes, availableBytes } = fileSystem
    const { beginBytes, endBytes } = boundsOf(capacityBytes)
    if (availableBytes > beginBytes) return
    const wanted = endBytes - availableBytes
    const freed = await free(wanted)
    if (freed >= wanted) return
    const found = `Attempted to free ${wanted} bytes, but only found ${freed} bytes eligible to free.`
    options.tellNode({
      type: 'Warning',
      reason: 'FreeDiskSpaceFailed',
      message: `Failed to garbage collect required amount of images. ${found}`,
    })
  }

  /** How little may be free before images go, and how much is to be free afterwards. */
  function boundsOf(capacityBytes: number): { beginBytes: number; endBytes: number } {
    const { high, low } = options.settings.thresholds ?? desktop
    const beginBytes = Math.floor((capacityBytes * (100 - high)) / 100)
    const endBytes = Math.floor((capacityBytes * (100 - low)) / 100)
    if (options.settings.thresholds) return { beginBytes, endBytes }
    return {
      beginBytes: Math.min(beginBytes, desktop.beginBytes),
      endBytes: Math.min(endBytes, desktop.endBytes),
    }
  }

  /** Frees at least so many bytes if it can; how many it did. */
  async function free(wanted: number): Promise<number> {
    const used = new Set((await runtime.listContainers()).flatMap(({ image, imageId }) => [image, imageId]))
    const now = clock.now()
    let freed = 0
    for (const image of pulled.list().toSorted((a, b) => a.lastUsedAt - b.lastUsedAt)) {
      if (freed >= wanted) break
      // A pod may be on its way that wants what was just pulled.
      if (now - Math.max(image.pulledAt, image.lastUsedAt) < minimumAgeMs) continue
      const status = await runtime.imageStatus(image.reference)
      if (status && (used.has(image.reference) || used.has(status.id))) continue
      try {
        if (status) await runtime.removeImage(image.reference)
        pulled.remove(image.reference)
        freed += status?.sizeBytes ?? 0
      } catch (error) {
        log.debug('an image stays', { image: image.reference, error })
      }
    }
    return freed
  }

  return {
    start() {
      timer = clock.every(periodMs, () => {
        collect().catch((error: unknown) => log.warn('images could not be looked through', { error }))
      })
    },
    async removeUnused() {
      await free(Infinity)
    },
    [Symbol.dispose]: () => timer?.[Symbol.dispose](),
  }
}
