import type { RegistryEvent } from '../../registry/registry.ts'

const frameEnd = Buffer.from('}\n')
const frameHeads = {
  ADDED: Buffer.from('{"type":"ADDED","object":'),
  MODIFIED: Buffer.from('{"type":"MODIFIED","object":'),
  DELETED: Buffer.from('{"type":"DELETED","object":'),
  BOOKMARK: Buffer.from('{"type":"BOOKMARK","object":'),
}

/** The parts of a watch frame, `{"type":…,"object":…}` and a newline, around an object's JSON. */
export function frameParts(type: RegistryEvent['type'], object: Uint8Array): Uint8Array[] {
  return [frameHeads[type], object, frameEnd]
}

function jsonFrame({ type, bytes }: RegistryEvent): Uint8Array {
  return Buffer.concat(frameParts(type, bytes))
}

/** Watch frames that several watchers are sent in one turn. Their bytes must not be changed. */
export interface FrameCache {
  /** The frame of an event as one piece, put together for the first watcher that asks. */
  frameOf(event: RegistryEvent): Uint8Array
}

/**
 * Creates a cache that forgets everything after each turn: a commit reaches all its watchers within one. `makeFrame` puts a
 * frame together; left out, it is JSON.
 */
export function createFrameCache(makeFrame: (event: RegistryEvent) => Uint8Array = jsonFrame): FrameCache {
  const frames = new Map<Uint8Array, { type: string; frame: Uint8Array }>()
  return {
    frameOf(event) {
      const { type, bytes } = event
      const known = frames.get(bytes)
      if (known?.type === type) return known.frame
      if (frames.size === 0) setImmediate(() => frames.clear())
      const frame = makeFrame(event)
      // A selector can make the same change an ADDED for one watcher and a MODIFIED for another: the last one is kept.
      frames.set(bytes, { type, frame })
      return frame
    },
  }
}
