import { describe, expect, it } from 'vitest'
import { FakeClock } from '../../util/fake-clock.ts'
import { allocateSeats } from './allocate-seats.ts'
import { dealHand } from './deal-hand.ts'
import { QueueSet, type FlowRequest } from './queue-set.ts'
import { RetryAfter } from './retry-after.ts'
import { SeatDemand } from './seat-demand.ts'

const one = { seats: 1, finalSeats: 0, extraMs: 0 }

function createQueues(limit: number, queueLengthLimit = 50) {
  const clock = new FakeClock()
  const queues = new QueueSet({ clock, demand: new SeatDemand(clock) })
  queues.configure({ type: 'queue', limit, queues: 8, queueLengthLimit })
  const order: string[] = []
  const start = (name: string, hand: number[], work = one): FlowRequest => {
    const request = queues.start(hand, work)
    request.onDispatch = () => order.push(name)
    return request
  }
  return { clock, queues, order, start }
}

describe('fair queues', () => {
  it('lets a modest flow pass a flood', () => {
    const { queues, order, start } = createQueues(1)
    const running = start('flood', [0])
    for (let n = 0; n < 40; n++) start('flood', [0])
    const modest = start('modest', [1])
    expect(modest.state).toBe('waiting')
    queues.finish(running)
    // The flood has had its turn; what has waited elsewhere is next.
    expect(order).toEqual(['modest'])
    queues.finish(modest)
    expect(order).toEqual(['modest', 'flood'])
    expect(queues.waiting).toBe(39)
  })

  it('counts wide requests as what they take', () => {
    const { queues, order, start } = createQueues(10)
    const wide = { ...one, seats: 10 }
    const first = start('wide', [0], wide)
    start('wide', [0], wide)
    for (let n = 0; n < 4; n++) start('narrow', [1])
    expect(queues.seatsInUse).toBe(10)
    queues.finish(first)
    // Four narrow ones fit and were cheaper so far; the second wide one waits until it has room.
    expect(order).toEqual(['narrow', 'narrow', 'narrow', 'narrow'])
  })

  it('refuses when the queue is full, and only then', () => {
    const { start, queues } = createQueues(1, 2)
    const running = start('a', [3])
    expect([start('a', [3]).state, start('a', [3]).state]).toEqual(['waiting', 'waiting'])
    expect(start('a', [3]).state).toBe('rejected')
    expect(start('b', [4]).state).toBe('waiting')
    queues.finish(running)
    expect(start('a', [3]).state).toBe('waiting')
  })

  it('uses the emptier queue of a hand', () => {
    const { start } = createQueues(1)
    start('a', [0])
    for (let n = 0; n < 6; n++) start('a', [1])
    const full = start('a', [1]).queue
    // The hand is gone through from another card each time.
    for (let n = 0; n < 2; n++) expect(start('b', [1, 2]).queue).not.toBe(full)
  })

  it('keeps seats for what follows a write', () => {
    const { clock, queues, start } = createQueues(4)
    const write = start('a', [0], { seats: 1, finalSeats: 4, extraMs: 20 })
    const next = start('b', [1])
    queues.finish(write)
    expect([queues.seatsInUse, next.state]).toEqual([4, 'waiting'])
    void clock.advance(20)
    expect([queues.seatsInUse, next.state]).toEqual([1, 'executing'])
  })

  it('forgets what gave up, and goes on with more or fewer queues', () => {
    const { queues, start } = createQueues(1)
    const running = start('a', [7])
    const left = start('a', [7])
    queues.cancel(left)
    expect([left.state, queues.waiting]).toEqual(['done', 0])
    const waiting = start('a', [7])
    queues.configure({ type: 'queue', limit: 1, queues: 2, queueLengthLimit: 5 })
    queues.finish(running)
    expect(waiting.state).toBe('executing')
    queues.finish(waiting)
    expect([queues.isIdle, start('b', [1]).state]).toEqual([true, 'executing'])
  })
})

describe('dealing, lending and waiting', () => {
  it('deals every flow different cards, and few flows the same ones', () => {
    const hands = Array.from({ length: 200 }, (_, n) =>
      dealHand({ schema: 'global-default', distinguisher: `user-${n}` }, { deckSize: 64, handSize: 6 }),
    )
    for (const hand of hands) {
      expect(new Set(hand).size).toBe(6)
      expect(Math.min(...hand) >= 0 && Math.max(...hand) < 64).toBe(true)
    }
    const same = hands.filter((hand, at) => at > 0 && hand.every((card) => hands[0]!.includes(card)))
    expect(same).toHaveLength(0)
    expect(new Set(hands.flat()).size).toBe(64)
  })

  it('shares out seats in proportion, within bounds', () => {
    const claims = [
      { lower: 10, upper: 1000, target: 10 },
      { lower: 10, upper: 1000, target: 300 },
      { lower: 50, upper: 60, target: 100 },
    ]
    const { seats } = allocateSeats(200, claims)!
    expect(seats.reduce((a, b) => a + b)).toBeCloseTo(200)
    expect(seats[0]).toBeCloseTo(10)
    expect(seats[2]).toBeCloseTo(50)
    expect(seats[1]).toBeCloseTo(140)
    expect(allocateSeats(60, claims)).toBeUndefined()
  })

  it('smooths demand: up at once, down slowly', () => {
    const clock = new FakeClock()
    const demand = new SeatDemand(clock)
    demand.set(20)
    void clock.advance(10_000)
    expect(demand.take()).toEqual({ highWatermark: 20, average: 20, deviation: 0, smoothed: 20 })
    demand.set(0)
    void clock.advance(10_000)
    const { highWatermark, average, smoothed } = demand.take()
    expect([highWatermark, average]).toEqual([20, 0])
    expect(smoothed).toBeCloseTo(19.54)
  })

  it('asks clients to stay away longer while many are dropped', () => {
    const clock = new FakeClock()
    const retry = new RetryAfter(clock)
    const seen: number[] = []
    for (let second = 0; second < 12; second++) {
      for (let n = 0; n < 50; n++) retry.record()
      seen.push(retry.seconds)
      void clock.advance(1000)
    }
    expect(seen.slice(0, 4)).toEqual([1, 2, 2, 4])
    expect(seen.at(-1)).toBeGreaterThanOrEqual(8)
  })
})
