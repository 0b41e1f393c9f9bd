import type { Logger } from '../util/logger.ts'
import { resourcePrefix } from './key-index.ts'
import type { StoreEvent, StoreWatch, WatchListener } from './store.ts'

/** One subscription. While `backlog` is set, events wait there: history is still being delivered before them. */
interface Subscription {
  prefix: string
  listener: WatchListener
  backlog: StoreEvent[] | undefined
  closed: boolean
}

/** A watch whose history is not delivered yet. */
export interface PendingWatch extends StoreWatch {
  readonly closed: boolean
  /** Hands over older events; may be called several times. */
  deliver(events: StoreEvent[]): void
  /** Delivers what arrived meanwhile, and goes live. */
  start(): void
  /** Ends the watch with an error. */
  fail(error: Error): void
}

/** Hands committed events to the watches of their prefix, in order, each once. */
export class WatchHub {
  #log: Logger
  /** By resource prefix, so that a commit only looks at the watches of its own resources; '' holds the wider ones. */
  #groups = new Map<string, Set<Subscription>>()

  constructor(log: Logger) {
    this.#log = log
  }

  /** Registers a watch that keeps events back until `start`. */
  add(prefix: string, listener: WatchListener): PendingWatch {
    const subscription: Subscription = { prefix, listener, backlog: [], closed: false }
    const group = resourcePrefix(prefix) ?? ''
    let members = this.#groups.get(group)
    if (!members) this.#groups.set(group, (members = new Set()))
    members.add(subscription)
    const close = (): void => this.#remove(group, subscription)
    const deliver = (events: StoreEvent[]): void => this.#deliver(subscription, events, close)
    return {
      get closed() {
        return subscription.closed
      },
      close,
      deliver,
      start: () => {
        // A listener may write and so cause further events while it is called: drain until none came.
        while (!subscription.closed && subscription.backlog && subscription.backlog.length > 0) {
          const events = subscription.backlog
          subscription.backlog = []
          deliver(events)
        }
        subscription.backlog = undefined
      },
      fail: (error) => {
        if (subscription.closed) return
        close()
        this.#end(subscription, error)
      },
    }
  }

  /** Hands a committed batch, in revision order, to everyone it concerns. */
  publish(events: StoreEvent[]): void {
    const groups = new Set(events.map((event) => resourcePrefix(event.entry.key) ?? ''))
    for (const group of groups) {
      if (group !== '') this.#publishTo(group, events)
    }
    this.#publishTo('', events)
  }

  /** Ends every watch. */
  endAll(error: Error): void {
    for (const [group, members] of [...this.#groups]) {
      for (const subscription of [...members]) {
        this.#remove(group, subscription)
        this.#end(subscription, error)
      }
    }
  }

  #publishTo(group: string, events: StoreEvent[]): void {
    const members = this.#groups.get(group)
    if (!members) return
    for (const subscription of [...members]) {
      if (subscription.closed) continue
      const mine = events.filter((event) => event.entry.key.startsWith(subscription.prefix))
      if (mine.length === 0) continue
      if (subscription.backlog) subscription.backlog.push(...mine)
      else this.#deliver(subscription, mine, () => this.#remove(group, subscription))
    }
  }

  #deliver(subscription: Subscription, events: StoreEvent[], close: () => void): void {
    if (subscription.closed || events.length === 0) return
    try {
      subscription.listener.onEvents(events)
    } catch (error) {
      // One faulty listener must not keep others from their events or a writer from its answer.
      this.#log.error('watch listener failed', { error, prefix: subscription.prefix })
      close()
      this.#end(subscription, error instanceof Error ? error : new Error(String(error)))
    }
  }

  #end(subscription: Subscription, error: Error): void {
    try {
      subscription.listener.onEnd(error)
    } catch (failure) {
      this.#log.error('watch listener failed at its end', { error: failure, prefix: subscription.prefix })
    }
  }

  #remove(group: string, subscription: Subscription): void {
    subscription.closed = true
    const members = this.#groups.get(group)
    members?.delete(subscription)
    if (members?.size === 0) this.#groups.delete(group)
  }
}
