import { afterEach, describe, expect, it, vi } from 'vitest'
import { FakeClock } from '../util/fake-clock.ts'
import { silentLogger } from '../util/logger.ts'
import { startCompactor } from './compactor.ts'
import type { JournalRecord } from './journal.ts'
import { MemoryJournal } from './memory-journal.ts'
import { key } from './testing/items.ts'

const minute = 60_000

function record(revision: number): JournalRecord {
  const value = new Uint8Array(10)
  return { key: key('a'), revision, createRevision: 1, deleted: false, time: 0, value }
}

describe('the compactor', () => {
  let compactor: Disposable | undefined
  afterEach(() => compactor?.[Symbol.dispose]())

  /** A compactor of a journal with these revisions, all of them old, of which the store shows those up to `revision`. */
  async function start(options: {
    revisions: number[]
    revision: number
    compact(to: number): Promise<void>
  }) {
    const clock = new FakeClock()
    const journal = new MemoryJournal()
    await journal.append(options.revisions.map(record))
    const compact = vi.fn(options.compact)
    const store = { revision: options.revision, compactedRevision: 0, size: { bytes: 10 }, compact }
    const window = { maxAgeMs: -1, maxBytes: 1e9 }
    compactor = startCompactor({ store, journal, clock, log: silentLogger, window })
    return { clock, store, compact }
  }

  it('goes no further than what the store shows: the journal may hold what is not announced yet', async () => {
    const { clock, compact } = await start({ revisions: [1, 2, 3], revision: 2, compact: async () => {} })
    await clock.advance(minute)
    await vi.waitFor(() => expect(compact).toHaveBeenCalled())
    expect(compact.mock.calls).toEqual([[2]])
  })

  it('does not begin while the last compaction still runs, and goes on after it, failed or not', async () => {
    const runs: PromiseWithResolvers<void>[] = []
    const compacting = (): Promise<void> => {
      const run = Promise.withResolvers<void>()
      runs.push(run)
      return run.promise
    }
    const { clock } = await start({ revisions: [1, 2], revision: 2, compact: compacting })
    await clock.advance(minute)
    await vi.waitFor(() => expect(runs).toHaveLength(1))
    for (let i = 0; i < 3; i++) await clock.advance(minute)
    expect(runs).toHaveLength(1)
    runs[0]!.reject(new Error('no space left on device'))
    await vi.waitFor(async () => {
      await clock.advance(minute)
      expect(runs).toHaveLength(2)
    })
    runs[1]!.resolve()
  })
})
