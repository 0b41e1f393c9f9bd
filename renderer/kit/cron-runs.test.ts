import { describe, expect, it } from 'vitest'
import { nextRuns, scheduleInWords } from './cron-runs.ts'

const from = Date.parse('2026-03-01T08:59:30Z')
const times = (...args: Parameters<typeof nextRuns>): string[] =>
  nextRuns(...args).map((run) => new Date(run).toISOString().slice(0, 16))

describe('the runs of a schedule', () => {
  it('come in UTC, or in the time zone that is named', () => {
    expect(times('0 9 * * *', undefined, from, 2)).toEqual(['2026-03-01T09:00', '2026-03-02T09:00'])
    expect(times('0 9 * * *', 'Asia/Seoul', from, 1)).toEqual(['2026-03-02T00:00'])
    expect(times('@hourly', undefined, from, 1)).toEqual(['2026-03-01T09:00'])
    expect(times('0 9 ? * 1', undefined, from, 1)).toEqual(['2026-03-02T09:00'])
  })

  it('are unknown where the schedule has no fixed times', () => {
    expect(times('@every 90m', undefined, from, 3)).toEqual([])
    expect(times('nonsense', undefined, from, 3)).toEqual([])
  })

  it('are said in the page’s language', async () => {
    expect(await scheduleInWords('*/5 * * * *', 'en')).toBe('Every 5 minutes')
    expect(await scheduleInWords('0 9 * * 1-5', 'ko')).toContain('월요일')
    expect(await scheduleInWords('0 9 * * 1', 'en')).toContain('Monday')
    expect(await scheduleInWords('@every 90m', 'en')).toBe('')
  })
})
