import { systemClock } from '../util/clock.ts'
import type { Clock } from '../util/clock.ts'
import { silentLogger } from '../util/logger.ts'
import type { Logger } from '../util/logger.ts'
import type { HistoryWindow } from './compactor.ts'
import type { RingLimits } from './event-ring.ts'
import { MemoryJournal } from './memory-journal.ts'
import { MvccStore } from './mvcc-store.ts'
import type { Store } from './store.ts'

export interface MemoryStoreOptions {
  clock?: Clock
  log?: Logger
  history?: HistoryWindow
  recent?: RingLimits
}

/** A Store without a disk, for tests and simulated runs. It starts empty; everything else is as with SQLite. */
export function createMemoryStore(options: MemoryStoreOptions = {}): Store {
  const { clock = systemClock, log = silentLogger } = options
  const empty = { records: [], revision: 0, compactedRevision: 0 }
  return new MvccStore({ ...options, journal: new MemoryJournal(), clock, log }, empty)
}
