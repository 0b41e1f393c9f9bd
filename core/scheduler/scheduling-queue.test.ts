import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { FakeClock } from '../util/fake-clock.ts'
import { podInfo, type PodInfo } from './pod-info.ts'
import { createSchedulingQueue, type QueuedPod, type SchedulingQueue } from './scheduling-queue.ts'

function pod(name: string, priority = 0): PodInfo {
  return podInfo({ metadata: { name, namespace: 'n' }, spec: { containers: [], priority } })
}

describe('the scheduling queue', () => {
  let clock: FakeClock
  let queue: SchedulingQueue

  beforeEach(() => {
    clock = new FakeClock()
    queue = createSchedulingQueue(clock)
  })
  afterEach(() => queue[Symbol.dispose]())

  function take(): QueuedPod {
    const queued = queue.pop()
    if (!queued) throw new Error('the queue gave nothing')
    return queued
  }
  const names = (): string[] => {
    const taken: string[] = []
    for (let queued = queue.pop(); queued; queued = queue.pop()) taken.push(queued.info.pod.metadata.name)
    return taken
  }

  it('gives the highest priority first, and among equals the one that waits longest', () => {
    for (const info of [pod('a'), pod('b', 10), pod('c'), pod('d', 10)]) queue.add(info)
    expect(names()).toEqual(['b', 'd', 'a', 'c'])
  })

  it('keeps a parked pod until something helps it', () => {
    queue.add(pod('a'))
    queue.park(take())
    expect(names()).toEqual([])
    queue.activate(() => false)
    expect(names()).toEqual([])
    queue.activate(({ pod: { metadata } }) => metadata.name === 'a')
    expect(take()).toMatchObject({ attempts: 2 })
  })

  it('prefers active pods to one that backs off, but does not idle for its sake', () => {
    queue.add(pod('tried', 10))
    queue.park(take())
    queue.add(pod('fresh'))
    queue.activate(() => true)
    expect(names()).toEqual(['fresh', 'tried'])
  })

  it('tries one that failed by an error only after its back-off, which doubles', async () => {
    queue.add(pod('a'))
    queue.retry(take())
    await clock.advance(999)
    expect(names()).toEqual([])
    await clock.advance(1)
    queue.retry(take())
    await clock.advance(1_999)
    expect(names()).toEqual([])
    await clock.advance(1)
    expect(names()).toEqual(['a'])
  })

  it('tries parked pods again after five minutes whatever happens', async () => {
    queue.add(pod('a'))
    queue.park(take())
    await clock.advance(330_000)
    expect(names()).toEqual(['a'])
  })

  it('forgets a deleted pod wherever it waits, also while it is being tried', () => {
    queue.add(pod('a'))
    queue.add(pod('b'))
    queue.delete('n/a')
    const tried = take()
    queue.add(pod('b', 5))
    queue.park(tried)
    expect(queue.size).toBe(1)
    expect(take().info.priority).toBe(5)
  })
})
