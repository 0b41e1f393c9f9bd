import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { silentLogger } from '../util/logger.ts'
import { createMemoryStore } from './memory-store.ts'
import { openSqliteStore } from './sqlite/open-sqlite-store.ts'
import { CompactedError, FutureRevisionError, RevisionMismatchError } from './store.ts'
import type { Entry, Store, StoreEvent } from './store.ts'
import { clock, useStores } from './testing/use-stores.ts'
import { item, key, set, valueOf } from './testing/items.ts'

const { folders, stores } = useStores()

/** The revision a test begins at: etcd counts on from one test to the next. */
let base = 0

const revisionOf = (entry: Entry): number => entry.revision - base

/** Collects a watch's events as `type name value revision`. */
async function collect(
  store: Store,
  from: number,
  prefix = '/core/items/',
): Promise<{ lines: string[]; events: StoreEvent[]; ended: Error[]; close(): void }> {
  const lines: string[] = []
  const events: StoreEvent[] = []
  const ended: Error[] = []
  const watch = await store.watch(prefix, from, {
    onEvents(batch) {
      for (const event of batch) {
        events.push(event)
        lines.push(
          `${event.type} ${event.entry.object.metadata.name} ${valueOf(event.entry)} ${revisionOf(event.entry)}`,
        )
      }
    },
    onEnd: (error) => ended.push(error),
  })
  return { lines, events, ended, close: () => watch.close() }
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve))
}

describe.each(stores)('%s store', (_name, open) => {
  let store: Store
  beforeEach(async () => {
    store = await open()
    base = store.revision
  })
  afterEach(() => store.close())

  it('numbers every write and stores the number in the object', async () => {
    const original = item('a', '1')
    const created = await store.create(key('a'), original)
    const updated = await store.update(key('a'), set('2'))
    expect(original.metadata.resourceVersion).toBeUndefined()
    expect([revisionOf(created), revisionOf(updated), updated.createRevision - base]).toEqual([1, 2, 1])
    expect(updated.object.metadata.resourceVersion).toBe(String(base + 2))
    expect(JSON.parse(Buffer.from(updated.bytes).toString())).toEqual(updated.object)
    expect(await store.get(key('a'))).toBe(updated)
    expect(store.revision).toBe(base + 2)
  })

  it('refuses to create what exists and to change what does not', async () => {
    const first = await store.create(key('a'), item('a'))
    await expect(store.create(key('a'), item('a'))).rejects.toMatchObject({ current: first })
    await expect(store.update(key('b'), set('1'))).rejects.toThrow(RevisionMismatchError)
    await expect(store.delete(key('b'))).rejects.toMatchObject({ current: undefined })
  })

  it('keeps everything when change or check throws', async () => {
    const first = await store.create(key('a'), item('a'))
    const refuse = (): never => {
      throw new Error('no')
    }
    await expect(store.update(key('a'), refuse)).rejects.toThrow('no')
    await expect(store.delete(key('a'), refuse)).rejects.toThrow('no')
    expect(await store.get(key('a'))).toBe(first)
    expect(store.revision).toBe(base + 1)
  })

  it('writes nothing when change returns the same object', async () => {
    const first = await store.create(key('a'), item('a'))
    expect(await store.update(key('a'), (current) => current.object)).toBe(first)
    expect(store.revision).toBe(base + 1)
  })

  it('stacks writes of one turn on each other without losing any', async () => {
    await store.create(key('a'), item('a', ''))
    const append = (letter: string): Promise<Entry> =>
      store.update(key('a'), (current) => set(`${valueOf(current)}${letter}`)(current))
    await Promise.all(['x', 'y', 'z'].map(append))
    expect(valueOf(await store.get(key('a')))).toBe('xyz')
    const [deleted, created] = await Promise.all([
      store.delete(key('a')),
      store.create(key('a'), item('a', 'new')),
    ])
    expect([valueOf(deleted), revisionOf(deleted), created.createRevision - base]).toEqual(['xyz', 5, 6])
  })

  it('lists a prefix in key order with limit and continuation', async () => {
    for (const name of ['c', 'a', 'd', 'b']) await store.create(key(name), item(name))
    await store.create('/core/items/other/x', item('x'))
    await store.create('/core/itemsets/ns/y', item('y'))
    const names = (entries: Entry[]): string => entries.map((entry) => entry.object.metadata.name).join('')
    expect(names((await store.list('/core/items/')).entries)).toBe('abcdx')
    expect(names((await store.list('/core/items/ns/')).entries)).toBe('abcd')
    const page = await store.list('/core/items/ns/', { limit: 3 })
    expect([names(page.entries), page.next, page.remaining]).toEqual(['abc', key('c'), 1])
    expect(names((await store.list('/core/items/ns/', { after: page.next! })).entries)).toBe('d')
    expect((await store.list('/none/here/')).entries).toEqual([])
    expect(names((await store.list('/')).entries)).toBe('abcdxy')
  })

  it('reads the past, near and far', async () => {
    await store.create(key('a'), item('a', '1'))
    await store.create(key('b'), item('b', '1'))
    await store.update(key('a'), set('2'))
    await store.delete(key('b'))
    await store.create(key('c'), item('c', '1'))
    const at = async (revision: number): Promise<string> =>
      (await store.list('/core/items/', { revision: base + revision })).entries
        .map((entry) => entry.object.metadata.name + valueOf(entry))
        .join()
    const check = async (): Promise<void> => {
      expect([await at(1), await at(2), await at(3), await at(4), await at(5)]).toEqual([
        'a1',
        'a1,b1',
        'a2,b1',
        'a2',
        'a2,c1',
      ])
      expect(valueOf(await store.getAt(key('a'), base + 2))).toBe('1')
      expect(valueOf(await store.getAt(key('b'), base + 3))).toBe('1')
      expect(await store.getAt(key('b'), base + 4)).toBeUndefined()
      expect(await store.getAt(key('c'), base + 4)).toBeUndefined()
    }
    await check()
    // Pushes the early revisions out of the five remembered ones.
    for (let i = 0; i < 10; i++) await store.update(key('c'), set(String(i)))
    await check()
    const page = await store.list('/core/items/', { revision: base + 3, limit: 1 })
    expect(page).toMatchObject({ next: key('a'), remaining: 1, revision: base + 3 })
    const rest = await store.list('/core/items/', { revision: base + 3, limit: 1, after: key('a') })
    expect(rest).toMatchObject({ remaining: 0 })
    expect(rest.next).toBeUndefined()
    await expect(store.list('/core/items/', { revision: base + 99 })).rejects.toThrow(FutureRevisionError)
  })

  it('watches from now on, from the recent past and from the far past alike', async () => {
    await store.create(key('a'), item('a', '1'))
    await store.update(key('a'), set('2'))
    await store.delete(key('a'))
    await store.create(key('a'), item('a', '3'))
    const all = [
      'created a 1 1',
      'updated a 2 2',
      'deleted a 2 3',
      'created a 3 4',
      ...Array.from({ length: 10 }, (_, i) => `created n${i} ${i} ${i + 5}`),
    ]
    for (let i = 0; i < 10; i++) await store.create(key(`n${i}`), item(`n${i}`, String(i)))
    const far = await collect(store, base + 0)
    const near = await collect(store, base + 10)
    const live = await collect(store, base + 14)
    await until(() => far.lines.length >= 14 && near.lines.length >= 4)
    await store.update(key('a'), set('4'))
    await until(() => live.lines.length === 1 && far.lines.length === 15)
    expect(far.lines).toEqual([...all, 'updated a 4 15'])
    expect(near.lines).toEqual([...all.slice(10), 'updated a 4 15'])
    expect(live.lines).toEqual(['updated a 4 15'])
    expect(far.events.map((event) => event.previous && revisionOf(event.previous))).toEqual([
      undefined,
      1,
      2,
      ...Array.from({ length: 11 }, () => undefined),
      4,
    ])
    await expect(store.watch('/core/items/', base + 99, { onEvents() {}, onEnd() {} })).rejects.toThrow(
      FutureRevisionError,
    )
  })

  it('has no gap and no double at the hand-over while writers are busy', async () => {
    let stop = false
    const writer = async (id: number): Promise<void> => {
      for (let i = 0; !stop; i++) await store.create(key(`w${id}-${i}`), item(`w${id}-${i}`, 'v'))
    }
    const writers = Promise.all([0, 1, 2, 3].map(writer))
    const watches: Awaited<ReturnType<typeof collect>>[] = []
    for (let round = 1; round <= 30; round++) {
      await until(() => store.revision >= base + round * 20)
      watches.push(await collect(store, base + Math.floor(((store.revision - base) * round) / 30)))
    }
    stop = true
    await writers
    const last = store.revision
    await until(() => watches.every((watch) => watch.events.at(-1)?.entry.revision === last))
    for (const { events } of watches) {
      const first = events[0]!.entry.revision
      expect(events.map((event) => event.entry.revision)).toEqual(
        Array.from({ length: last - first + 1 }, (_, i) => first + i),
      )
    }
  })

  it('calls no listener after close, and survives a faulty one', async () => {
    const quiet = await collect(store, base + 0)
    const faulty: Error[] = []
    await store.watch('/core/items/', base + 0, {
      onEvents() {
        throw new Error('faulty')
      },
      onEnd: (error) => faulty.push(error),
    })
    const good = await collect(store, base + 0)
    quiet.close()
    await store.create(key('a'), item('a', '1'))
    await until(() => good.lines.length === 1 && faulty.length === 1)
    expect(quiet.lines).toEqual([])
    await store.close()
    expect(good.ended).toHaveLength(1)
    await expect(store.get(key('a'))).rejects.toThrow('closed')
  })

  it('forgets what is compacted and keeps what is current', async () => {
    await store.create(key('a'), item('a', '1'))
    await store.create(key('b'), item('b', '1'))
    for (let i = 2; i < 12; i++) await store.update(key('a'), set(String(i)))
    await store.delete(key('b'))
    await store.compact(base + 10)
    expect(store.compactedRevision).toBe(base + 10)
    await expect(store.getAt(key('a'), base + 9)).rejects.toThrow(CompactedError)
    await expect(store.watch('/core/items/', base + 9, { onEvents() {}, onEnd() {} })).rejects.toThrow(
      CompactedError,
    )
    expect(valueOf(await store.getAt(key('a'), base + 10))).toBe('9')
    expect(valueOf(await store.getAt(key('b'), base + 10))).toBe('1')
    const watch = await collect(store, base + 10)
    await until(() => watch.lines.length === 3)
    expect(watch.lines).toEqual(['updated a 10 11', 'updated a 11 12', 'deleted b 1 13'])
    await store.compact(base + 13)
    expect((await store.list('/core/items/', { revision: base + 13 })).entries).toHaveLength(1)
    await expect(store.compact(base + 99)).rejects.toThrow(FutureRevisionError)
  })
})

describe('history window', () => {
  const patience = { timeout: 30_000 }
  it.each([
    ['memory', (history: { maxAgeMs: number; maxBytes: number }) => createMemoryStore({ clock, history })],
    [
      'sqlite',
      async (history: { maxAgeMs: number; maxBytes: number }) => {
        const folder = await mkdtemp(join(tmpdir(), 'wheelhouse-store-'))
        folders.push(folder)
        return openSqliteStore({ file: join(folder, 'store.db'), clock, log: silentLogger, history })
      },
    ],
  ])('is kept by age and by size on %s', async (_name, open) => {
    const store = await open({ maxAgeMs: 3_600_000, maxBytes: 200_000 })
    await store.create(key('a'), item('a', '1'))
    await store.update(key('a'), set('2'))
    await clock.advance(3_600_000)
    await store.update(key('a'), set('3'))
    // The compactor skips a beat while its last round still runs, so give it as many as it takes.
    await vi.waitFor(async () => {
      await clock.advance(60_000)
      expect(store.compactedRevision).toBe(2)
    }, patience)
    for (let i = 0; i < 100; i++) await store.update(key('a'), set('x'.repeat(5000)))
    await vi.waitFor(async () => {
      await clock.advance(60_000)
      expect(store.compactedRevision).toBeGreaterThan(40)
    }, patience)
    expect(store.compactedRevision).toBeLessThan(95)
    expect(await store.getAt(key('a'), store.compactedRevision)).toBeDefined()
    await store.close()
  })
})
