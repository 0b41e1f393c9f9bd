import { describe, expect, it } from 'vitest'
import { UsageHistory } from './usage-history.ts'

const amounts = (entries: Record<string, number>): Map<string, { milliCpu: number; memory: number }> =>
  new Map(Object.entries(entries).map(([key, value]) => [key, { milliCpu: value, memory: value * 1024 }]))

function history(): UsageHistory {
  return new UsageHistory({ spanMs: 60_000, gapMs: 30_000, mostValues: 100 })
}

describe('the history of usage', () => {
  it('sums the wanted keys at each moment, and says null where none was measured', () => {
    const past = history()
    past.record(10_000, amounts({ 'a/x': 1, 'a/y': 2, 'b/z': 4 }))
    past.record(20_000, amounts({ 'a/y': 8, 'b/z': 4 }))
    expect(past.series(['a/x', 'a/y'])).toEqual({ at: [10, 20], milliCpu: [3, 8], memory: [3072, 8192] })
    expect(past.series(['a/x']).milliCpu).toEqual([1, null])
    expect(past.seriesWhere((key) => key.startsWith('b/')).milliCpu).toEqual([4, 4])
  })

  it('shows a pause as a gap', () => {
    const past = history()
    past.record(0, amounts({ a: 1 }))
    past.record(31_000, amounts({ a: 2 }))
    expect(past.series(['a']).milliCpu).toEqual([1, null, 2])
  })

  it('forgets what is older than its span', () => {
    const past = history()
    for (let at = 0; at <= 90_000; at += 10_000) past.record(at, amounts({ a: at }))
    expect(past.series(['a']).at).toEqual([30, 40, 50, 60, 70, 80, 90])
  })

  it('keeps no more numbers than it may, but always the newest measurement', () => {
    const past = new UsageHistory({ spanMs: 60_000, gapMs: 30_000, mostValues: 5 })
    const three = amounts({ a: 1, b: 2, c: 3 })
    for (let at = 0; at <= 20_000; at += 10_000) past.record(at, three)
    expect(past.series(['a']).at).toEqual([20])
  })
})
