import type { Clock } from '../util/clock.ts'
import type { Logger } from '../util/logger.ts'
import type { Journal } from './journal.ts'
import type { Store } from './store.ts'

/** What the compactor needs of the store. */
interface CompactableStore extends Pick<Store, 'revision' | 'compactedRevision' | 'compact'> {
  readonly size: { bytes: number }
}

/** How much history is kept: whatever is younger than the age, as long as it fits the size. */
export interface HistoryWindow {
  maxAgeMs: number
  maxBytes: number
}

/** A day, and 256 MiB. */
export const defaultHistoryWindow: HistoryWindow = { maxAgeMs: 24 * 3_600_000, maxBytes: 256 * 1024 * 1024 }

const periodMs = 60_000

export interface CompactorOptions {
  store: CompactableStore
  journal: Journal
  clock: Clock
  log: Logger
  window: HistoryWindow
}

/** Keeps the history to its window, once a minute, until disposed. */
export function startCompactor(options: CompactorOptions): Disposable {
  let running = false
  return options.clock.every(periodMs, () => {
    if (running) return
    running = true
    compactOnce(options)
      .catch((error: unknown) => options.log.warn('history could not be compacted', { error }))
      .finally(() => {
        running = false
      })
  })
}

async function compactOnce({ store, journal, clock, log, window }: CompactorOptions): Promise<void> {
  const target = await journal.compactionTarget({
    olderThan: clock.now() - window.maxAgeMs,
    maxBytes: window.maxBytes,
    liveBytes: store.size.bytes,
  })
  const revision = Math.min(target, store.revision)
  if (revision > store.compactedRevision) {
    await store.compact(revision)
    log.debug('history compacted', { revision })
  }
  await journal.tidy()
}
