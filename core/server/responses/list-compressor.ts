import { promisify } from 'node:util'
import { constants, crc32, deflateRaw } from 'node:zlib'

/** An item of a list: `bytes` never change, `createRevision` stays with the object through its life. */
export interface ListItem {
  readonly bytes: Uint8Array
  readonly createRevision: number
}

/** A list's text: `head`, the items' bodies with `between` between them, `tail`. */
export interface ListText {
  readonly head: Buffer
  readonly items: readonly ListItem[]
  /** What of an item's bytes is written; always the same for the same bytes, and so is `between` for the same items. */
  bodyOf(bytes: Uint8Array): Uint8Array
  readonly between: Buffer
  readonly tail: Buffer
}

interface Group {
  items: Uint8Array[]
  deflated: Promise<Buffer>
}

/** Groups hold 16 items on average and 64 at most. */
const meanGroupSize = 16
const maxGroupSize = 64

const gzipHeader = Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff])
const deflateAsync = promisify(deflateRaw)

/**
 * Writes a list as one gzip member, reusing the compressed form of what has not
 * changed since an earlier list. Items are compressed in groups, each on its own and flushed to a byte boundary, so
 * groups can be put together in any order (RFC 1951 allows it: no group refers back beyond its own start).
 */
export interface ListCompressor {
  gzip(list: ListText): Promise<Buffer>
}

/** A deflate block that holds data as it is. At most 65,535 bytes. */
function storedBlock(data: Buffer, isLast: boolean): Buffer {
  const header = Buffer.alloc(5)
  header[0] = isLast ? 1 : 0
  header.writeUInt16LE(data.length, 1)
  header.writeUInt16LE(~data.length & 0xffff, 3)
  return Buffer.concat([header, data])
}

/** Splits by a mark that stays with each object, so that one change touches one group only. */
function split(items: readonly ListItem[]): Uint8Array[][] {
  const groups: Uint8Array[][] = []
  let group: Uint8Array[] = []
  for (const { bytes, createRevision } of items) {
    group.push(bytes)
    if (createRevision % meanGroupSize === 0 || group.length >= maxGroupSize) {
      groups.push(group)
      group = []
    }
  }
  if (group.length > 0) groups.push(group)
  return groups
}

function joined(items: Uint8Array[], { bodyOf, between }: ListText): Buffer {
  const parts = items.flatMap((bytes, index) => (index === 0 ? [bodyOf(bytes)] : [between, bodyOf(bytes)]))
  return Buffer.concat(parts)
}

/** Creates a compressor; what it remembers lives as long as the items themselves. */
export function createListCompressor(): ListCompressor {
  const known = new WeakMap<Uint8Array, Group>()

  function compress(items: Uint8Array[], list: ListText): Promise<Buffer> {
    const first = items[0]!
    const before = known.get(first)
    if (before?.items.length === items.length && items.every((item, index) => item === before.items[index])) {
      return before.deflated
    }
    const deflated = deflateAsync(joined(items, list), { level: 3, finishFlush: constants.Z_SYNC_FLUSH })
    known.set(first, { items, deflated })
    return deflated
  }

  return {
    async gzip(list) {
      const { head, items, tail } = list
      const blocks = await Promise.all(split(items).map((group) => compress(group, list)))
      const parts: Buffer[] = [gzipHeader, storedBlock(head, false)]
      const between = storedBlock(list.between, false)
      blocks.forEach((block, index) => parts.push(...(index === 0 ? [block] : [between, block])))
      parts.push(storedBlock(tail, true), trailer(list))
      return Buffer.concat(parts)
    },
  }
}

/** CRC-32 and length of the plain text (RFC 1952). */
function trailer({ head, items, bodyOf, between, tail }: ListText): Buffer {
  let check = crc32(head)
  let length = head.length + tail.length + Math.max(0, items.length - 1) * between.length
  items.forEach(({ bytes }, index) => {
    if (index > 0) check = crc32(between, check)
    const body = bodyOf(bytes)
    check = crc32(body, check)
    length += body.length
  })
  check = crc32(tail, check)
  const end = Buffer.alloc(8)
  end.writeUInt32LE(check >>> 0, 0)
  end.writeUInt32LE(length % 2 ** 32, 4)
  return end
}
