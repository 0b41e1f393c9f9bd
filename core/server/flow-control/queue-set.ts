import type { Clock } from '../../util/clock.ts'
import type { SeatDemand } from './seat-demand.ts'

/** What a request is expected to cost. */
export interface WorkEstimate {
  /** Seats it takes while it is worked on. */
  seats: number
  /** Seats that what follows from it takes, e.g. telling watchers. */
  finalSeats: number
  /** How long that takes after the answer. */
  extraMs: number
}

/** One request at a priority level, from its arrival until its seats are free again. */
export interface FlowRequest {
  state: 'waiting' | 'executing' | 'rejected' | 'done'
  readonly work: WorkEstimate
  /** The most it takes at any time. */
  readonly seats: number
  readonly queue: Queue | undefined
  /** Virtual time of the arrival, in seat-milliseconds. */
  readonly arrivalR: number
  readonly arrivedAt: number
  startedAt: number
  onDispatch?: () => void
}

interface Queue {
  readonly waiting: FlowRequest[]
  /** Seat-milliseconds of all that waits. */
  waitingWork: number
  executing: number
  seatsInUse: number
  /** Virtual time at which its next request would start. */
  nextR: number
  isActive: boolean
}

/** How requests beyond the limit are treated. */
export type QueuingConfig =
  | { type: 'exempt' }
  | { type: 'reject'; limit: number }
  | { type: 'queue'; limit: number; queues: number; queueLengthLimit: number }

/** How long a request is taken to last until it is known (upstream: estimatedServiceDuration). */
const estimatedMs = 3

/**
 * Fair queues of one priority level (upstream: fairqueuing/queueset): every request belongs to a queue of its flow's hand,
 * and whenever seats are free the queue that would finish first in virtual time goes on, so that no flow gets more than
 * its share however much it sends. Costs next to nothing while nothing waits.
 */
export class QueueSet {
  readonly #clock: Clock
  readonly #demand: SeatDemand
  #config: QueuingConfig = { type: 'exempt' }
  readonly #queues: Queue[] = []
  #virtualTime = 0
  #lastTime: number
  #active = 0
  #robin = 0
  #enqueues = 0
  executing = 0
  seatsInUse = 0
  waiting = 0
  seatsWaiting = 0

  constructor(options: { clock: Clock; demand: SeatDemand }) {
    this.#clock = options.clock
    this.#demand = options.demand
    this.#lastTime = options.clock.now()
  }

  get isIdle(): boolean {
    return this.waiting === 0 && this.executing === 0 && this.seatsInUse === 0
  }

  /** Changes limits and queues; what waits stays in its queue. */
  configure(config: QueuingConfig): void {
    this.#sync()
    this.#config = config
    const wanted = config.type === 'queue' ? config.queues : 0
    while (this.#queues.length < wanted) {
      this.#queues.push({
        waiting: [],
        waitingWork: 0,
        executing: 0,
        seatsInUse: 0,
        nextR: 0,
        isActive: false,
      })
    }
    this.#trim()
    this.#dispatch()
  }

  /** Takes a request in: it is `executing`, `rejected`, or `waiting` until `onDispatch` is called. */
  start(hand: readonly number[], work: WorkEstimate): FlowRequest {
    const now = this.#sync()
    const seats = Math.max(work.seats, work.finalSeats)
    const config = this.#config
    const queue = config.type === 'queue' ? this.#chooseQueue(hand) : undefined
    const request: FlowRequest = {
      state: 'rejected',
      work,
      seats,
      queue,
      arrivalR: this.#virtualTime,
      arrivedAt: now,
      startedAt: now,
    }
    if (!queue || config.type !== 'queue') {
      if (config.type === 'exempt' || this.#fits(seats)) this.#execute(request)
      return request
    }
    if (this.seatsInUse >= config.limit && queue.waiting.length >= config.queueLengthLimit) return request
    if (!queue.isActive) queue.nextR = this.#virtualTime
    if (this.waiting === 0 && this.seatsInUse < config.limit && this.#fits(seats)) {
      if (queue.nextR < request.arrivalR) queue.nextR = request.arrivalR
      this.#execute(request)
      return request
    }
    request.state = 'waiting'
    queue.waiting.push(request)
    queue.waitingWork += workOf(request)
    this.waiting++
    this.seatsWaiting += seats
    this.#note(queue)
    bound(queue)
    this.#dispatch()
    return request
  }

  /** Gives up a request that still waits. */
  cancel(request: FlowRequest): void {
    if (request.state !== 'waiting') return
    this.#sync()
    const { queue } = request
    this.#unqueue(request)
    request.state = 'done'
    this.#note(queue)
    bound(queue!)
    this.#dispatch()
  }

  /** Says that a request that was executing has been answered. */
  finish(request: FlowRequest): void {
    if (request.state !== 'executing') return
    const now = this.#sync()
    const { queue, work } = request
    request.state = 'done'
    this.executing--
    if (queue) {
      queue.executing--
      queue.nextR -= work.seats * (estimatedMs - (now - request.startedAt))
      bound(queue)
    }
    if (work.extraMs > 0) {
      this.#clock.after(work.extraMs, () => {
        this.#sync()
        this.#release(request)
        this.#dispatch()
      })
    } else this.#release(request)
    if (this.waiting > 0) this.#dispatch()
  }

  #release({ queue, seats }: FlowRequest): void {
    this.seatsInUse -= seats
    if (queue) queue.seatsInUse -= seats
    this.#note(queue)
    const { type } = this.#config
    if (this.#queues.length > (type === 'queue' ? this.#config.queues : 0)) this.#trim()
  }

  /** Brings virtual time up to now: it runs as fast as the seats in use are shared among active queues. */
  #sync(): number {
    const now = this.#clock.now()
    if (now === this.#lastTime) return now
    if (this.#active > 0 && this.#config.type === 'queue') {
      const seats = Math.min(this.seatsInUse + this.seatsWaiting, this.#config.limit)
      this.#virtualTime += (seats / this.#active) * (now - this.#lastTime)
    }
    this.#lastTime = now
    return now
  }

  /** The queue of the hand with the least work waiting, beginning elsewhere each time. */
  #chooseQueue(hand: readonly number[]): Queue {
    const offset = this.#enqueues++ % hand.length
    let best = this.#queues[hand[offset]!]!
    if (this.waiting === 0) return best
    for (let at = 1; at < hand.length; at++) {
      const queue = this.#queues[hand[(offset + at) % hand.length]!]!
      if (queue.waitingWork < best.waitingWork) best = queue
    }
    return best
  }

  #fits(seats: number): boolean {
    if (this.#config.type === 'exempt') return true
    const { limit } = this.#config
    if (seats > limit) return this.executing === 0
    return this.seatsInUse + seats <= limit
  }

  #execute(request: FlowRequest): void {
    const { queue, seats } = request
    request.state = 'executing'
    request.startedAt = this.#lastTime
    this.executing++
    this.seatsInUse += seats
    if (queue) {
      queue.executing++
      queue.seatsInUse += seats
      queue.nextR += workOf(request)
    }
    this.#note(queue)
  }

  #unqueue(request: FlowRequest): void {
    const queue = request.queue!
    queue.waiting.splice(queue.waiting.indexOf(request), 1)
    queue.waitingWork -= workOf(request)
    this.waiting--
    this.seatsWaiting -= request.seats
  }

  #dispatch(): void {
    while (this.waiting > 0) {
      if (this.#config.type === 'queue' && this.seatsInUse >= this.#config.limit) return
      const queue = this.#nextQueue()
      const request = queue?.waiting[0]
      if (!queue || !request || !this.#fits(request.seats)) return
      this.#unqueue(request)
      this.#execute(request)
      bound(queue)
      request.onDispatch?.()
    }
  }

  /** The queue whose oldest request would finish first in virtual time; of equals the one whose turn it is. */
  #nextQueue(): Queue | undefined {
    let best: Queue | undefined
    let bestFinish = Infinity
    let bestAt = this.#robin
    for (let step = 1; step <= this.#queues.length; step++) {
      const at = (this.#robin + step) % this.#queues.length
      const queue = this.#queues[at]!
      const oldest = queue.waiting[0]
      if (!oldest) continue
      const finish = queue.nextR + workOf(oldest)
      if (finish >= bestFinish) continue
      bestFinish = finish
      best = queue
      bestAt = at
    }
    this.#robin = bestAt
    return best
  }

  /** Records what a change did to demand and to whether the queue is active. */
  #note(queue: Queue | undefined): void {
    this.#demand.set(this.seatsInUse + this.seatsWaiting)
    if (!queue) return
    const isActive = queue.executing > 0 || queue.waiting.length > 0
    if (isActive === queue.isActive) return
    queue.isActive = isActive
    this.#active += isActive ? 1 : -1
  }

  /** Queues beyond the wanted number go as soon as they are empty, from the last on. */
  #trim(): void {
    const wanted = this.#config.type === 'queue' ? this.#config.queues : 0
    while (this.#queues.length > wanted) {
      const last = this.#queues.at(-1)!
      if (last.isActive || last.seatsInUse > 0) return
      this.#queues.pop()
    }
  }
}

/** Seat-milliseconds a request is expected to take in all. */
function workOf({ work }: FlowRequest): number {
  return work.seats * estimatedMs + work.finalSeats * work.extraMs
}

/** A queue that was empty for a while must not make up for it: its virtual start is no earlier than the arrival. */
function bound(queue: Queue): void {
  const oldest = queue.waiting[0]
  if (oldest && queue.nextR < oldest.arrivalR) queue.nextR = oldest.arrivalR
}
