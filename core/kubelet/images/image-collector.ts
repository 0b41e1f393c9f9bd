import type { Clock } from '../../util/clock.ts'
import type { Logger } from '../../util/logger.ts'
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
  clock: Clock
  log: Logger
}

const periodMs = 5 * 60_000
/** In percent of the file system: from the one on images go, until the other is reached. */
const highThreshold = 85
const lowThreshold = 80
/** A pod may be on its way that wants what was just pulled. */
const minimumAgeMs = 2 * 60_000

/**
 * Only images that this kubelet pulled are removed, the longest unused first, and none that a container uses: the engine
 * refuses to remove what containers of others use.
 */
export function createImageCollector(options: ImageCollectorOptions): ImageCollector {
  const { runtime, pulled, clock, log } = options
  let timer: Disposable | undefined

  async function collect(): Promise<void> {
    if (pulled.list().length === 0) return
    const { fileSystem } = await runtime.usage({ containers: [], sandboxes: [] })
    if (!fileSystem) return
    const { capacityBytes, availableBytes } = fileSystem
    const usedPercent = 100 - Math.floor((availableBytes * 100) / capacityBytes)
    if (usedPercent < highThreshold) return
    const wanted = Math.floor((capacityBytes * (100 - lowThreshold)) / 100) - availableBytes
    const freed = await free(wanted)
    if (freed >= wanted) return
    const found = `Attempted to free ${wanted} bytes, but only found ${freed} bytes eligible to free.`
    options.tellNode({
      type: 'Warning',
      reason: 'FreeDiskSpaceFailed',
      message: `Failed to garbage collect required amount of images. ${found}`,
    })
  }

  /** Frees at least so many bytes if it can; how many it did. */
  async function free(wanted: number): Promise<number> {
    const used = new Set((await runtime.listContainers()).flatMap(({ image, imageId }) => [image, imageId]))
    const now = clock.now()
    let freed = 0
    for (const image of pulled.list().toSorted((a, b) => a.lastUsedAt - b.lastUsedAt)) {
      if (freed >= wanted) break
      if (now - image.pulledAt < minimumAgeMs || now - image.lastUsedAt < minimumAgeMs) continue
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
