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

/** So many items are measured before other requests have their turn. */
const itemsAtOnce = 200

/**
 * Sends a list as protobuf. Its length stands in front, so items that were never sent are written once to know how long they
 * are. Only that is remembered of each: then they are written anew, while the list is sent, and never lie in memory together.
 */
export async function respondProtobufList(
  exchange: Exchange,
  services: { protobuf: ProtobufEncoder; slabs: SlabPool },
  list: ProtobufList,
): Promise<void> {
  const { entries } = list
  const { slabs } = services
  const encoder = services.protobuf.list(list, list.itemKind)
  let itemBytes = 0
  for (let index = 0; index < entries.length; index++) {
    itemBytes += encoder.lengthOf(entries[index]!.object)
    if (index % itemsAtOnce === itemsAtOnce - 1) await setImmediate()
  }
  const head = encoder.head(list.metadata, itemBytes)
  const contentLength = head.length + itemBytes + encoder.tail.length
  const pieces = (function* () {
    yield head
    for (const { object } of entries) {
      const item = encoder.item(object)
      yield item.length > slabs.slabBytes ? Buffer.from(item) : item
    }
    yield encoder.tail
  })()
  const answer = { code: 200, contentType: protobufType }
  if (contentLength >= gzipThresholdBytes && !acceptsGzip(exchange)) {
    await respondInPieces(exchange, { ...answer, contentLength, pieces, slabs })
    return
  }
  const body = Buffer.allocUnsafe(contentLength)
  let length = 0
  for (const piece of pieces) {
    body.set(piece, length)
    length += piece.length
  }
  await respond(exchange, { ...answer, body })
}
