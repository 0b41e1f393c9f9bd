import type { Clock } from '../../util/clock.ts'
import type { RateLimiter } from './rate-limiter.ts'

/**
 * A queue of keys to process (upstream: client-go util/workqueue). It guarantees:
 * - Fair: keys come out in the order they were first added.
 * - Stingy: a key added many times before it is taken comes out once.
 * - Never twice at once: a key that is being processed is not handed out; when it was added meanwhile, it comes out
 *   again after `done`.
 * - Nothing lost: every added key comes out after its last `add`, unless the queue is shut down.
 */
export interface WorkQueue {
  /** Keys that wait, without those processed or delayed. */
  readonly length: number
  add(key: string): void
  /** Adds after a delay; of several delays for a key the earliest counts. */
  addAfter(key: string, delayMs: number): void
  /** Adds after the rate limiter's delay for this key. */
  addRateLimited(key: string): void
  /** Tells the rate limiter that the key went well. */
  forget(key: string): void
  /** The next key; undefined once the queue is shut down. Each key got must be given back with `done`. */
  get(): Promise<string | undefined>
  done(key: string): void
  shutDown(): void
}

/** Told what happens in a queue, for metrics. Times are in milliseconds. */
export interface WorkQueueObserver {
  /** How many keys wait now. */
  depth(length: number): void
  /** A key began to wait. */
  added(): void
  /** A key was taken after it waited this long. */
  taken(waitedMs: number): void
  /** The keys that were taken and not given back are in work since then (milliseconds since 1970). */
  inWork(since: () => Iterable<number>): void
  /** A key was given back after this long. */
  done(workedMs: number): void
  /** A key comes again because it went wrong. */
  retried(): void
}

export interface WorkQueueOptions {
  clock: Clock
  rateLimiter: RateLimiter
  observer?: WorkQueueObserver | undefined
}

/** An empty queue. */
export function createWorkQueue({ clock, rateLimiter, observer }: WorkQueueOptions): WorkQueue {
  /** Waiting keys, in order, and since when. */
  const ready = new Map<string, number>()
  /** Keys handed out, and since when. */
  const processing = new Map<string, number>()
  /** Added while being processed. */
  const dirty = new Set<string>()
  const delayed = new Map<string, { at: number; timer: Disposable }>()
  const takers: Array<(key: string | undefined) => void> = []
  let isShutDown = false
  observer?.inWork(() => processing.values())

  function take(): string | undefined {
    for (const [key, since] of ready) {
      const now = clock.now()
      ready.delete(key)
      processing.set(key, now)
      observer?.taken(now - since)
      observer?.depth(ready.size)
      return key
    }
    return undefined
  }

  function makeReady(key: string): void {
    if (ready.has(key)) return
    ready.set(key, clock.now())
    observer?.added()
    observer?.depth(ready.size)
    hand()
  }

  function hand(): void {
    while (takers.length > 0 && ready.size > 0) takers.shift()?.(take())
  }

  function cancelDelay(key: string): void {
    delayed.get(key)?.timer[Symbol.dispose]()
    delayed.delete(key)
  }

  function add(key: string): void {
    if (isShutDown) return
    if (processing.has(key)) dirty.add(key)
    else makeReady(key)
  }

  function addAfter(key: string, delayMs: number): void {
    if (isShutDown) return
    if (delayMs <= 0) return add(key)
    const at = clock.now() + delayMs
    const waiting = delayed.get(key)
    if (waiting && waiting.at <= at) return
    cancelDelay(key)
    const timer = clock.after(delayMs, () => {
      delayed.delete(key)
      add(key)
    })
    delayed.set(key, { at, timer })
  }

  return {
    get length() {
      return ready.size
    },
    add,
    addAfter,
    addRateLimited(key) {
      observer?.retried()
      addAfter(key, rateLimiter.when(key))
    },
    forget: (key) => rateLimiter.forget(key),
    get() {
      if (isShutDown) return Promise.resolve(undefined)
      const key = take()
      return key === undefined ? new Promise((resolve) => takers.push(resolve)) : Promise.resolve(key)
    },
    done(key) {
      const since = processing.get(key)
      processing.delete(key)
      if (since !== undefined) observer?.done(clock.now() - since)
      if (dirty.delete(key) && !isShutDown) makeReady(key)
    },
    shutDown() {
      isShutDown = true
      for (const key of [...delayed.keys()]) cancelDelay(key)
      ready.clear()
      observer?.depth(0)
      for (const taker of takers.splice(0)) taker(undefined)
    },
  }
}
