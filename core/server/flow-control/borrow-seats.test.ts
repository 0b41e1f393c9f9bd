import { describe, expect, it } from 'vitest'
import type { PriorityLevelConfiguration } from '../../api/generated/flowcontrol-v1.ts'
import { FakeClock } from '../../util/fake-clock.ts'
import { borrowSeats } from './borrow-seats.ts'
import { PriorityLevel } from './priority-level.ts'

const clock = new FakeClock()
const one = { seats: 1, finalSeats: 0, extraMs: 0 }

/** A level of 100 nominal seats, half of which it lends, where this many requests are worked on. */
function level(spec: PriorityLevelConfiguration['spec'], requests: number): PriorityLevel {
  const made = new PriorityLevel({ metadata: { name: 'level' }, spec }, clock)
  made.setBounds(100, made.shares)
  made.setSeats(made.nominal)
  for (let n = 0; n < requests; n++) made.queues.start([0], one)
  return made
}
const limited = (requests: number): PriorityLevel =>
  level({ type: 'Limited', limited: { lendablePercent: 50, nominalConcurrencyShares: 10 } }, requests)
const exempt = (requests: number): PriorityLevel =>
  level({ type: 'Exempt', exempt: { nominalConcurrencyShares: 10 } }, requests)
const seats = (levels: PriorityLevel[]): number[] => levels.map(({ current }) => current)

describe('seats beside an exempt level', () => {
  it('are the least of each level when the exempt one leaves no more, or less', () => {
    for (const requests of [200, 1000]) {
      const levels = [exempt(requests), limited(100), limited(0)]
      expect(borrowSeats(levels)).toBe(0)
      expect(seats(levels)).toEqual([requests, 50, 50])
    }
  })

  it('are shared out between that and what each level has in use when there is a little more', () => {
    const levels = [exempt(175), limited(100), limited(100)]
    expect(borrowSeats(levels)).toBe(0)
    expect(seats(levels)).toEqual([175, 63, 63])
  })
})
