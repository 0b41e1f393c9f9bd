import { setImmediate } from 'node:timers/promises'
import type { KubeObject, ListMeta } from '../../api/meta.ts'
import type { ProtobufEncoder } from '../../registry/protobuf/encode-protobuf.ts'
import type { Exchange } from '../exchange.ts'
import { protobufType } from './negotiation.ts'
import { acceptsGzip, gzipThresholdBytes, respond, respondInPieces } from './respond.ts'
import type { SlabPool } from './slab-pool.ts'

/** A list to be sent: what it is, and the objects that its items are made of. */
export interface ProtobufList {
  apiVersion: string
  kind: string
  itemKind: string
  metadata: ListMeta
  entries: readonly { object: KubeObject }[]
}

/**
 * Sends a list as protobuf. Its length stands in front, so every item is written before the first is sent: into slabs, with
 * a pause after each for other requests. Nothing is remembered: lists are asked for when a client starts, not again and again.
 */
export async function respondProtobufList(
  exchange: Exchange,
  services: { protobuf: ProtobufEncoder; slabs: SlabPool },
  list: ProtobufList,
): Promise<void> {
  const { slabs } = services
  const encoder = services.protobuf.list(list, list.itemKind)
  const packer = createPacker(slabs)
  for (const { object } of list.entries) {
    const isFull = packer.add(encoder.item(object))
    if (!isFull) continue
    await setImmediate()
    if (exchange.isGone) return
  }
  const head = encoder.head(list.metadata, packer.length)
  const contentLength = head.length + packer.length + encoder.tail.length
  const answer = { code: 200, contentType: protobufType }
  if (contentLength < gzipThresholdBytes || acceptsGzip(exchange)) {
    const body = Buffer.concat([head, ...packer.take(), encoder.tail], contentLength)
    await respond(exchange, { ...answer, body })
    return
  }
  const pieces = (function* () {
    yield head
    yield* packer.take()
    yield encoder.tail
  })()
  await respondInPieces(exchange, { ...answer, contentLength, pieces, slabs })
}

/** Puts bytes one after the other in slabs. */
interface Packer {
  readonly length: number
  /** Copies the bytes; whether that took a new slab. */
  add(bytes: Uint8Array): boolean
  /** What was added, in order. Each piece is gone when the next is asked for. */
  take(): Generator<Uint8Array>
}

function createPacker(slabs: SlabPool): Packer {
  const full: { bytes: Buffer; slab?: Buffer }[] = []
  let slab: Buffer | undefined
  let used = 0
  let length = 0
  const close = (): void => {
    if (slab) full.push({ bytes: slab.subarray(0, used), slab })
    slab = undefined
    used = 0
  }
  return {
    get length() {
      return length
    },
    add(bytes) {
      length += bytes.length
      if (slab && used + bytes.length <= slabs.slabBytes) {
        slab.set(bytes, used)
        used += bytes.length
        return false
      }
      close()
      if (bytes.length > slabs.slabBytes) {
        full.push({ bytes: Buffer.from(bytes) })
        return true
      }
      slab = slabs.take()
      slab.set(bytes)
      used = bytes.length
      return true
    },
    *take() {
      close()
      for (const piece of full) {
        yield piece.bytes
        if (piece.slab) slabs.give(piece.slab)
      }
    },
  }
}
