/** Buffers of one size that are used again and again. */
export interface SlabPool {
  /** Size of each slab in bytes. */
  readonly slabBytes: number
  /** A slab with whatever was in it before. */
  take(): Buffer
  /** Gives a slab back; nobody may read or write it any more. */
  give(slab: Buffer): void
}

/**
 * Creates a pool that keeps up to `kept` slabs. Large answers are put together in slabs: buffers made for each would lie
 * outside the heap until the next full collection, and that can be 100 MiB of them on a busy server.
 */
export function createSlabPool(options: { slabBytes: number; kept: number }): SlabPool {
  const { slabBytes, kept } = options
  const free: Buffer[] = []
  return {
    slabBytes,
    take: () => free.pop() ?? Buffer.allocUnsafeSlow(slabBytes),
    give(slab) {
      if (free.length < kept) free.push(slab)
    },
  }
}
