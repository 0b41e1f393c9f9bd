import { expect, it } from 'vitest'
import { FakeClock } from '../util/fake-clock.ts'
import { createBackoff, kubeletBackoff } from './backoff.ts'

it('doubles from 10 s to 5 min, counted from the event, and starts anew after 10 quiet minutes', async () => {
  const clock = new FakeClock()
  const backoff = createBackoff({ clock, ...kubeletBackoff })
  expect(backoff.remainingMs('a', clock.now())).toBe(0)
  const waits: number[] = []
  for (let crash = 0; crash < 7; crash++) {
    const endedAt = clock.now()
    backoff.next('a', endedAt)
    waits.push(backoff.remainingMs('a', endedAt))
    await clock.advance(waits.at(-1)!)
    expect(backoff.remainingMs('a', endedAt)).toBe(0)
  }
  expect(waits).toEqual([10, 20, 40, 80, 160, 300, 300].map((seconds) => seconds * 1000))
  expect(backoff.remainingMs('b', clock.now())).toBe(0)
  await clock.advance(601_000)
  const endedAt = clock.now()
  expect(backoff.remainingMs('a', endedAt)).toBe(0)
  backoff.next('a', endedAt)
  expect(backoff.currentMs('a')).toBe(10_000)
  backoff.forget('a')
  expect(backoff.currentMs('a')).toBe(0)
})
