import type { PriorityLevelConfiguration } from '../../api/generated/flowcontrol-v1.ts'
import type { Clock } from '../../util/clock.ts'
import { QueueSet } from './queue-set.ts'
import { RetryAfter } from './retry-after.ts'
import { SeatDemand, type DemandFigures } from './seat-demand.ts'

/** No level's request may take more than this part of its seats (upstream: priorityLevelMaxSeatsPercent). */
const mostOfLevel = 0.15

/** One priority level at work: its queues, and how many seats it has. */
export class PriorityLevel {
  object: PriorityLevelConfiguration
  readonly queues: QueueSet
  readonly retryAfter: RetryAfter
  readonly #demand: SeatDemand
  /** Of the last adjustment. */
  figures: DemandFigures = { highWatermark: 0, average: 0, deviation: 0, smoothed: 0 }
  /** Seats by its shares alone, then the least and the most it may have, and what it has. */
  nominal = 0
  least = 0
  most = 0
  current = 0
  target = 0
  /** Of one request. */
  maxSeats = 10
  /** No object stands for it any longer; it goes once it is idle. */
  isLeaving = false

  constructor(object: PriorityLevelConfiguration, clock: Clock) {
    this.object = object
    this.#demand = new SeatDemand(clock)
    this.queues = new QueueSet({ clock, demand: this.#demand })
    this.retryAfter = new RetryAfter(clock)
  }

  get name(): string {
    return this.object.metadata.name
  }

  get isExempt(): boolean {
    return this.object.spec.type === 'Exempt'
  }

  get shares(): number {
    const { exempt, limited } = this.object.spec
    return this.isExempt ? (exempt?.nominalConcurrencyShares ?? 0) : (limited?.nominalConcurrencyShares ?? 30)
  }

  /** What flows are dealt from; undefined where nothing queues. */
  get deck(): { deckSize: number; handSize: number } | undefined {
    const queuing = this.object.spec.limited?.limitResponse?.queuing
    return queuing ? { deckSize: queuing.queues ?? 64, handSize: queuing.handSize ?? 8 } : undefined
  }

  /** Works out bounds from the server's seats and the sum of all levels' shares. */
  setBounds(serverSeats: number, shareSum: number): void {
    const { exempt, limited } = this.object.spec
    const nominal = shareSum === 0 ? 0 : Math.ceil((serverSeats * this.shares) / shareSum)
    const lendable = Math.round((nominal * ((limited ?? exempt)?.lendablePercent ?? 0)) / 100)
    const percent = limited?.borrowingLimitPercent
    const borrowable = percent === undefined ? serverSeats : Math.round((nominal * percent) / 100)
    const isNew = this.nominal === 0 && this.current === 0
    this.nominal = nominal
    this.least = nominal - lendable
    this.most = nominal + borrowable
    if (this.deck) {
      this.maxSeats = Math.max(
        1,
        Math.min(Math.ceil(nominal * mostOfLevel), Math.floor(nominal / this.deck.handSize)),
      )
    }
    if (isNew) this.current = nominal - Math.floor(lendable / 2)
  }

  takeFigures(): void {
    this.figures = this.#demand.take()
  }

  /** Gives it seats. */
  setSeats(seats: number): void {
    this.current = seats
    if (this.isExempt) return this.queues.configure({ type: 'exempt' })
    const queuing = this.object.spec.limited?.limitResponse?.queuing
    if (!queuing) return this.queues.configure({ type: 'reject', limit: seats })
    this.queues.configure({
      type: 'queue',
      limit: seats,
      queues: queuing.queues ?? 64,
      queueLengthLimit: queuing.queueLengthLimit ?? 50,
    })
  }
}
