import { describe, expect, it } from 'vitest'
import { parseGoTime } from './go-time.ts'

describe('a text that is no time', () => {
  it.each([
    ['x', 'parsing time "x" as "2006-01-02T15:04:05Z07:00": cannot parse "x" as "2006"'],
    ['2020-01-01', 'parsing time "2020-01-01" as "2006-01-02T15:04:05Z07:00": cannot parse "" as "T"'],
    ['2020-13-01T00:00:00Z', 'parsing time "2020-13-01T00:00:00Z": month out of range'],
    ['2020-02-30T00:00:00Z', 'parsing time "2020-02-30T00:00:00Z": day out of range'],
    ['2020-01-01T00:00:00Zx', 'parsing time "2020-01-01T00:00:00Zx": extra text: "x"'],
    [
      '2020-01-01T00:00:00',
      'parsing time "2020-01-01T00:00:00" as "2006-01-02T15:04:05Z07:00": cannot parse "" as "Z07:00"',
    ],
  ])('%s', (text, problem) => {
    expect(parseGoTime(text, 'time')).toBe(problem)
  })
})

const micro = '"2006-01-02T15:04:05.000000Z07:00"'
describe('a time with microseconds, as Go reads it', () => {
  it.each([
    ['2026-01-01T00:00:00Z', ` as ${micro}: cannot parse "Z" as ".000000"`],
    ['2026-01-01T00:00:00.5Z', ` as ${micro}: cannot parse ".5Z" as ".000000"`],
    ['2026-01-01T00:00:00.123456789Z', ` as ${micro}: cannot parse "789Z" as "Z07:00"`],
    ['2026-01-01T00:00:00.123456', ` as ${micro}: cannot parse "" as "Z07:00"`],
    ['2026-01-01T00:00:00.123456z', ` as ${micro}: cannot parse "z" as "Z07:00"`],
    ['2026-02-30T00:00:00.123456Z', ': day out of range'],
    ['2026-01-01T00:00:60.123456Z', ': second out of range'],
    ['2026-01-01T00:00:00.123456+25:00', ': time zone offset hour out of range'],
    ['2026-01-01T00:00:00.123456Zx', ': extra text: "x"'],
  ])('refuses %s', (text, problem) => {
    expect(parseGoTime(text, 'microTime')).toBe(`parsing time "${text}"${problem}`)
  })

  it.each([
    ['2026-01-01T00:00:00,123456Z', '2026-01-01T00:00:00Z'],
    ['2026-01-01T00:00:00.123456+01:00', '2025-12-31T23:00:00Z'],
    ['2026-01-01T00:00:00.123456+24:00', '2025-12-31T00:00:00Z'],
    ['2026-01-01T1:00:00.123456-00:30', '2026-01-01T01:30:00Z'],
    ['0001-01-01T00:00:00.123456Z', '0001-01-01T00:00:00Z'],
  ])('takes %s', (text, second) => {
    const expected = { milliseconds: Date.parse(second), fraction: '123456' }
    expect(parseGoTime(text, 'microTime')).toEqual(expected)
  })
})

it('a time without microseconds has any fraction', () => {
  const milliseconds = Date.parse('2026-01-01T01:00:00Z')
  expect(parseGoTime('2026-01-01T1:00:00Z', 'time')).toEqual({ milliseconds, fraction: '' })
  expect(parseGoTime('2026-01-01T01:00:00.5Z', 'time')).toEqual({ milliseconds, fraction: '5' })
  expect(parseGoTime('2026-01-01t01:00:00Z', 'time')).toContain('cannot parse "t01:00:00Z" as "T"')
})
