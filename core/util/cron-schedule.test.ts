import { describe, expect, it } from 'vitest'
import { isTimeZone, parseCronSchedule } from './cron-schedule.ts'

const at = (text: string): number => Date.parse(text)
const next = (schedule: string, after: string, zone?: string): string | undefined => {
  const time = parseCronSchedule(schedule, zone).next(at(after))
  return time === undefined ? undefined : new Date(time).toISOString()
}

describe('cron schedules', () => {
  it('reads fields, lists, ranges, steps, names and descriptors', () => {
    const after = '2026-01-01T00:00:00Z'
    expect(next('*/15 * * * *', after)).toBe('2026-01-01T00:15:00.000Z')
    expect(next('5,10-20/5 6 * * ?', after)).toBe('2026-01-01T06:05:00.000Z')
    expect(next('0 12 * feb MON-fri', after)).toBe('2026-02-02T12:00:00.000Z')
    expect(next('@monthly', after)).toBe('2026-02-01T00:00:00.000Z')
    expect(next('@every 1h30m', after)).toBe('2026-01-01T01:30:00.000Z')
  })

  it('takes either day where both are restricted, as cron does', () => {
    expect(next('0 0 13 * 5', '2026-01-01T00:00:00Z')).toBe('2026-01-02T00:00:00.000Z')
    expect(next('0 0 13 * 5', '2026-01-09T00:00:00Z')).toBe('2026-01-13T00:00:00.000Z')
  })

  it('follows the time zone over a change of offset', () => {
    expect(next('0 8 * * *', '2026-03-28T12:00:00Z', 'Europe/Berlin')).toBe('2026-03-29T06:00:00.000Z')
    expect(isTimeZone('Europe/Berlin')).toBe(true)
    expect(isTimeZone('Europe/Atlantis')).toBe(false)
  })

  it('finds the latest run of a span, both near and far', () => {
    const schedule = parseCronSchedule('0 3 * * *')
    const latest = (since: string, until: string): string | undefined => {
      const time = schedule.latest(at(since), at(until))
      return time === undefined ? undefined : new Date(time).toISOString()
    }
    expect(latest('2026-01-01T00:00:00Z', '2026-01-01T02:59:59Z')).toBeUndefined()
    expect(latest('2026-01-01T00:00:00Z', '2026-01-01T03:00:00Z')).toBe('2026-01-01T03:00:00.000Z')
    expect(latest('2026-01-01T03:00:00Z', '2026-01-01T03:00:00Z')).toBeUndefined()
    expect(latest('2025-01-01T00:00:00Z', '2026-06-01T02:00:00Z')).toBe('2026-05-31T03:00:00.000Z')
    expect(parseCronSchedule('@every 10s').latest(0, 35_500)).toBe(30_000)
  })

  it.each([
    ['* * * *', 'expected exactly 5 fields, found 4: [* * * *]'],
    ['60 * * * *', 'end of range (60) above maximum (59): 60'],
    ['* * * * 7', 'end of range (7) above maximum (6): 7'],
    ['5-1 * * * *', 'beginning of range (5) beyond end of range (1): 5-1'],
    ['* * L * *', 'failed to parse int from L: strconv.Atoi: parsing "L": invalid syntax'],
    ['*/0 * * * *', 'step of range should be a positive number: */0'],
    ['@hourl', 'unrecognized descriptor: @hourl'],
    ['@every soon', 'failed to parse duration @every soon: time: invalid duration "soon"'],
  ])('refuses %s', (schedule, message) => {
    expect(() => parseCronSchedule(schedule)).toThrow(message)
  })
})
