import type { Clock } from '../util/clock.ts'
import { Heap } from './heap.ts'
import type { PodInfo } from './pod-info.ts'
import type { PendingPods } from './scheduler-observer.ts'

/** A pod that waits for a node. */
export interface QueuedPod {
  info: PodInfo
  attempts: number
  /** When it first came. */
  queuedAt: number
  /** When it came into its present queue. */
  since: number
  /** The filters that said no to some node in the latest attempt. */
  rejectedBy: ReadonlySet<string>
}

/**
 * Pods that wait for a node (upstream: pkg/scheduler/backend/queue), each in exactly one place:
 * active (next: highest priority, then oldest), backing off (tried lately; taken early when nothing is active, unless the
 * attempt failed by an error), or unschedulable (no node would do; waits until something changes that could help).
 */
export interface SchedulingQueue {
  readonly size: number
  pending(): PendingPods
  /** Enters a pod, or its new version: one whose needs changed becomes active again. */
  add(info: PodInfo): void
  /** Brings a queued pod's object up to date where it stands. */
  refresh(info: PodInfo): void
  delete(key: string): void
  has(key: string): boolean
  /** The next pod to try; undefined when none is due. */
  pop(): QueuedPod | undefined
  /** No node would do: waits for `activate`. */
  park(queued: QueuedPod): void
  /** Makes one pod due at once, if it waits for something. */
  activateOne(key: string): void
  /** Something went wrong: tried again after its back-off. */
  retry(queued: QueuedPod): void
  /** Makes unschedulable pods due for which `helps` holds. */
  activate(helps: (info: PodInfo, rejectedBy: ReadonlySet<string>) => boolean): void
  /** Called whenever a pod becomes due. */
  onReady(listener: () => void): void
  [Symbol.dispose](): void
}

const firstBackoffMs = 1_000
const maxBackoffMs = 10_000
/** Unschedulable pods are tried again after this long whatever happens, as a safety net (upstream: 5 min). */
const longestParkMs = 300_000
const parkCheckMs = 30_000
const nothing: ReadonlySet<string> = new Set()

type Entry = QueuedPod & {
  place: 'active' | 'backoff' | 'parked'
  sequence: number
  backoffUntil: number
  isError: boolean
}

/** An empty queue. */
export function createSchedulingQueue(clock: Clock): SchedulingQueue {
  const entries = new Map<string, Entry>()
  const parked = new Map<string, Entry>()
  /** Heaps may hold entries that moved on; those are skipped when they come up. */
  type Slot = { entry: Entry; sequence: number }
  const active = new Heap<Slot>(({ entry: a, sequence: x }, { entry: b, sequence: y }) =>
    a.info.priority === b.info.priority ? x < y : a.info.priority > b.info.priority,
  )
  const backoff = new Heap<Slot>((a, b) => a.entry.backoffUntil < b.entry.backoffUntil)
  let sequence = 0
  let wake: Disposable | undefined
  let wakeAt = Infinity
  let listener: () => void = () => undefined

  function isCurrent({ entry, sequence: at }: Slot, place: Entry['place']): boolean {
    return entries.get(entry.info.key) === entry && entry.sequence === at && entry.place === place
  }

  function move(entry: Entry, place: Entry['place']): void {
    parked.delete(entry.info.key)
    entry.place = place
    entry.since = clock.now()
    entry.sequence = ++sequence
    if (place === 'parked') parked.set(entry.info.key, entry)
    else if (place === 'active') active.push({ entry, sequence })
    else {
      backoff.push({ entry, sequence })
      arm(entry.backoffUntil)
    }
    if (place === 'active' || (place === 'backoff' && !entry.isError)) listener()
  }

  function arm(at: number): void {
    if (wakeAt <= at) return
    wake?.[Symbol.dispose]()
    wakeAt = at
    wake = clock.after(Math.max(at - clock.now(), 0), () => {
      wakeAt = Infinity
      flushBackoff()
    })
  }

  function flushBackoff(): void {
    for (let top = backoff.peek(); top; top = backoff.peek()) {
      if (isCurrent(top, 'backoff') && top.entry.backoffUntil > clock.now()) {
        arm(top.entry.backoffUntil)
        return
      }
      backoff.pop()
      if (isCurrent(top, 'backoff')) move(top.entry, 'active')
    }
  }

  function popFrom(heap: Heap<Slot>, place: Entry['place']): Entry | undefined {
    for (let slot = heap.pop(); slot; slot = heap.pop()) {
      if (isCurrent(slot, place)) return slot.entry
    }
    return undefined
  }

  /** The earliest that backs off only because it was unschedulable. */
  function popEarly(): Entry | undefined {
    const held: Slot[] = []
    let found: Entry | undefined
    for (let slot = backoff.pop(); slot && !found; slot = found ? undefined : backoff.pop()) {
      if (!isCurrent(slot, 'backoff')) continue
      if (slot.entry.isError) held.push(slot)
      else found = slot.entry
    }
    for (const slot of held) backoff.push(slot)
    return found
  }

  function backoffMs(attempts: number): number {
    return Math.min(firstBackoffMs * 2 ** Math.max(attempts - 1, 0), maxBackoffMs)
  }

  function requeue(entry: Entry): void {
    move(entry, entry.backoffUntil > clock.now() ? 'backoff' : 'active')
  }

  function reenter(queued: QueuedPod, isError: boolean): Entry | undefined {
    // Deleted, or replaced by a newer version, while it was being tried.
    if (entries.has(queued.info.key)) return undefined
    const now = clock.now()
    const entry: Entry = {
      ...queued,
      place: 'parked',
      sequence: 0,
      backoffUntil: now + backoffMs(queued.attempts),
      isError,
    }
    entries.set(entry.info.key, entry)
    return entry
  }

  const parkTimer = clock.every(parkCheckMs, () => {
    const limit = clock.now() - longestParkMs
    for (const entry of [...parked.values()]) if (entry.since <= limit) requeue(entry)
  })

  return {
    get size() {
      return entries.size
    },
    pending() {
      const counts = { active: 0, backoff: 0, unschedulable: 0 }
      for (const { place } of entries.values()) counts[place === 'parked' ? 'unschedulable' : place]++
      return counts
    },
    add(info) {
      const known = entries.get(info.key)
      const attempts = known?.attempts ?? 0
      if (known) parked.delete(info.key)
      const entry: Entry = {
        info,
        attempts,
        queuedAt: known?.queuedAt ?? clock.now(),
        since: 0,
        rejectedBy: nothing,
        place: 'active',
        sequence: 0,
        backoffUntil: 0,
        isError: false,
      }
      entries.set(info.key, entry)
      move(entry, 'active')
    },
    refresh(info) {
      const entry = entries.get(info.key)
      if (entry) entry.info = info
    },
    delete(key) {
      entries.delete(key)
      parked.delete(key)
    },
    has: (key) => entries.has(key),
    pop() {
      flushBackoff()
      const entry = popFrom(active, 'active') ?? popEarly()
      if (!entry) return undefined
      entries.delete(entry.info.key)
      const { info, attempts, queuedAt, since, rejectedBy } = entry
      return { info, attempts: attempts + 1, queuedAt, since, rejectedBy }
    },
    park(queued) {
      const entry = reenter(queued, false)
      if (entry) move(entry, 'parked')
    },
    retry(queued) {
      const entry = reenter(queued, true)
      if (entry) move(entry, 'backoff')
    },
    activate(helps) {
      if (parked.size === 0) return
      for (const entry of [...parked.values()]) if (helps(entry.info, entry.rejectedBy)) requeue(entry)
    },
    activateOne(key) {
      const entry = parked.get(key)
      if (entry) requeue(entry)
    },
    onReady(next) {
      listener = next
    },
    [Symbol.dispose]() {
      wake?.[Symbol.dispose]()
      parkTimer[Symbol.dispose]()
    },
  }
}
