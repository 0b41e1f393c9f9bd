import { gunzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { createListCompressor, type ListItem, type ListText } from './list-compressor.ts'

function item(revision: number, text = 'x'.repeat(revision % 300)): ListItem {
  return { bytes: Buffer.from(JSON.stringify({ revision, text })), createRevision: revision }
}

const head = Buffer.from('{"items":[')
const tail = Buffer.from(']}\n')
const list = (items: ListItem[]): ListText => ({
  head: items.length > 0 ? Buffer.concat([head, Buffer.from('{')]) : head,
  items,
  bodyOf: (bytes) => bytes.subarray(1),
  between: Buffer.from(',{'),
  tail,
})
const plain = (items: ListItem[]) =>
  `{"items":[${items.map(({ bytes }) => Buffer.from(bytes).toString()).join(',')}]}\n`

describe('createListCompressor', () => {
  it.each([0, 1, 15, 16, 17, 500])('gives one well-formed gzip member for %i items', async (count) => {
    const items = Array.from({ length: count }, (_, index) => item(index + 1))
    const bytes = await createListCompressor().gzip(list(items))
    expect(gunzipSync(bytes).toString()).toBe(plain(items))
  })

  it('stays right when items change, come and go', async () => {
    const compressor = createListCompressor()
    let items = Array.from({ length: 200 }, (_, index) => item(index + 1))
    await compressor.gzip(list(items))
    items = items.filter((_, index) => index % 7 !== 3)
    items[20] = item(21, 'changed')
    items.splice(50, 0, item(1600), item(1601))
    expect(gunzipSync(await compressor.gzip(list(items))).toString()).toBe(plain(items))
  })

  it('splits groups that never meet a mark', async () => {
    const items = Array.from({ length: 300 }, (_, index) => item(index * 16 + 1))
    expect(gunzipSync(await createListCompressor().gzip(list(items))).toString()).toBe(plain(items))
  })
})
