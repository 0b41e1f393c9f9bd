import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { ImageStatus } from '../runtime/image-pull.ts'
import type { Logger } from '../../util/logger.ts'

/** An image that this kubelet brought to the machine. */
export interface PulledImage {
  /** As containers name it. */
  reference: string
  /** Milliseconds since the epoch. */
  pulledAt: number
  lastUsedAt: number
  /** Of the image itself, whatever it is called. */
  id?: string
  /**
   * What the registry let it be had for, as hashes of credentials; absent: anybody may have it. Whoever shows none of them has to
   * ask the registry himself (upstream: KubeletEnsureSecretPulledImages).
   */
  credentials?: string[]
}

/** A pull that ended well. */
interface Pull {
  image: ImageStatus
  /** Hash of the credentials it took; absent for none. */
  credentials?: string
}

/** Which images this kubelet pulled itself: only those are its to remove, whoever else uses the engine. */
export interface PulledImages {
  /** Reads what earlier lives of the kubelet pulled. */
  load(): Promise<void>
  /** An image came that was not there before. */
  add(reference: string, pull: Pull, now: number): void
  /** An image that was there was pulled once more: what it was had for this time lets it be had from now on. */
  repeat(reference: string, pull: Pull): void
  /** A container was started from it. */
  use(reference: string, now: number): void
  remove(reference: string): void
  list(): PulledImage[]
  /** Those of this reference or image. */
  about(reference: string, id: string): PulledImage[]
  /** Resolves when all is written. */
  flush(): Promise<void>
}

/**
 * Kept in a file, or only in memory where there is none: then nothing of an earlier life is ever removed. `onSome` is told whenever
 * images came: of a thousand nodes those that have none need not be asked.
 */
export function createPulledImages(
  file: string | undefined,
  { log, onSome }: { log: Logger; onSome: () => void },
): PulledImages {
  const images = new Map<string, PulledImage>()
  let writing: Promise<void> = Promise.resolve()

  async function write(path: string): Promise<void> {
    await mkdir(dirname(path), { recursive: true })
    await writeFile(`${path}.new`, JSON.stringify([...images.values()]))
    await rename(`${path}.new`, path)
  }

  function save(): void {
    if (file === undefined) return
    writing = writing
      .then(() => write(file))
      .catch((error: unknown) => log.warn('the list of pulled images could not be written', { error }))
  }

  return {
    async load() {
      if (file === undefined) return
      const text = await readFile(file, 'utf8').catch(() => '[]')
      try {
        for (const image of JSON.parse(text) as PulledImage[]) images.set(image.reference, image)
        if (images.size > 0) onSome()
      } catch (error) {
        log.warn('the list of pulled images cannot be read; those images stay', { error })
      }
    },
    add(reference, { image: { id }, credentials }, now) {
      const restricted = credentials === undefined ? {} : { credentials: [credentials] }
      images.set(reference, { reference, pulledAt: now, lastUsedAt: now, id, ...restricted })
      onSome()
      save()
    },
    repeat(reference, { image: { id }, credentials: shown }) {
      const known = images.get(reference)
      if (!known) return
      const { credentials = [], ...rest } = known
      const isOpen = shown === undefined || known.credentials === undefined
      const all = isOpen ? {} : { credentials: [...new Set([...credentials, shown])] }
      images.set(reference, { ...rest, id, ...all })
      save()
    },
    use(reference, now) {
      const image = images.get(reference)
      if (image) images.set(reference, { ...image, lastUsedAt: now })
    },
    remove(reference) {
      if (images.delete(reference)) save()
    },
    list: () => [...images.values()],
    about: (reference, id) =>
      [...images.values()].filter((image) => image.reference === reference || image.id === id),
    flush: () => writing,
  }
}
