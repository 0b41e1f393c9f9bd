import type { PullProgress } from '../runtime/image-pull.ts'

/** One line of the stream that `POST /images/create` answers (moby: pkg/jsonmessage JSONMessage). */
export interface PullLine {
  /** Of a layer, once it has a status of its own; the tag in lines about the whole image. */
  id?: string
  status?: string
  progressDetail?: { current?: number; total?: number }
  error?: string
  errorDetail?: { message?: string }
}

interface Layer {
  downloaded: number
  total: number
  done: boolean
}

/** States of a layer that say nothing but that there is one. */
const announcing = new Set(['Pulling fs layer', 'Waiting', 'Verifying Checksum'])

/** Adds the engine's lines up to one state of the whole pull. */
export interface PullProgressReader {
  /** The new state; undefined when the line tells nothing new. */
  take(line: PullLine): PullProgress | undefined
}

/** A reader for one pull. */
export function createPullProgressReader(): PullProgressReader {
  const layers = new Map<string, Layer>()

  function change(id: string, { status = '', progressDetail }: PullLine): boolean {
    const layer = layers.get(id) ?? { downloaded: 0, total: 0, done: false }
    const { current = 0, total = 0 } = progressDetail ?? {}
    if (status === 'Downloading') {
      layer.downloaded = current
      layer.total = Math.max(total, current)
    } else if (status === 'Download complete' || status === 'Extracting') layer.downloaded = layer.total
    else if (status === 'Pull complete' || status === 'Already exists') {
      layer.downloaded = layer.total
      layer.done = true
    } else if (!announcing.has(status)) return false
    layers.set(id, layer)
    return true
  }

  return {
    take(line) {
      if (line.id === undefined || !change(line.id, line)) return undefined
      const all = [...layers.values()]
      return {
        layers: all.length,
        layersDone: all.filter(({ done }) => done).length,
        downloadedBytes: all.reduce((sum, { downloaded }) => sum + downloaded, 0),
        totalBytes: all.reduce((sum, { total }) => sum + total, 0),
      }
    },
  }
}
