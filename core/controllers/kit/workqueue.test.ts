import { describe, expect, it } from 'vitest'
import { FakeClock } from '../../util/fake-clock.ts'
import { createRateLimiter } from './rate-limiter.ts'
import { createWorkQueue, type WorkQueue } from './workqueue.ts'

function newQueue(clock = new FakeClock()): WorkQueue {
  return createWorkQueue({ clock, rateLimiter: createRateLimiter({ clock }) })
}

describe('the work queue', () => {
  it('hands keys out in order, each once however often it was added', async () => {
    const queue = newQueue()
    for (const key of ['a', 'b', 'a', 'c', 'b']) queue.add(key)
    expect([await queue.get(), await queue.get(), await queue.get()]).toEqual(['a', 'b', 'c'])
    expect(queue.length).toBe(0)
  })

  it('never hands out a key that is being processed, but again after it', async () => {
    const queue = newQueue()
    queue.add('a')
    await queue.get()
    queue.add('a')
    const next = queue.get()
    queue.add('b')
    expect(await next).toBe('b')
    queue.done('a')
    expect(await queue.get()).toBe('a')
  })

  it('keeps the earliest of several delays', async () => {
    const clock = new FakeClock()
    const queue = newQueue(clock)
    queue.addAfter('a', 5_000)
    queue.addAfter('a', 1_000)
    queue.addAfter('a', 9_000)
    await clock.advance(999)
    expect(queue.length).toBe(0)
    await clock.advance(1)
    expect(queue.length).toBe(1)
    expect(clock.pending).toBe(0)
  })

  it('doubles the delay of a failing key up to the maximum, and forgets', () => {
    const clock = new FakeClock()
    const limiter = createRateLimiter({ clock, maxMs: 40 })
    expect([1, 2, 3, 4, 5].map(() => limiter.when('a'))).toEqual([5, 10, 20, 40, 40])
    limiter.forget('a')
    expect(limiter.when('a')).toBe(5)
  })

  it('limits retries over all keys by a bucket', () => {
    const clock = new FakeClock()
    const limiter = createRateLimiter({ clock, burst: 2, perSecond: 10 })
    expect(['a', 'b', 'c', 'd'].map((key) => limiter.when(key))).toEqual([5, 5, 100, 200])
  })

  it('lets waiting workers go when it is shut down', async () => {
    const queue = newQueue()
    const waiting = queue.get()
    queue.shutDown()
    expect(await waiting).toBeUndefined()
    queue.add('a')
    expect(await queue.get()).toBeUndefined()
  })
})
