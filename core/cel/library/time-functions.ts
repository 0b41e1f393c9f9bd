import { CelError } from '../values/value.ts'
import type { CelValue } from '../values/value.ts'
import type { CelDuration, CelTimestamp } from '../values/time.ts'
import { toInt } from '../values/numbers.ts'
import { overload } from './overload.ts'
import type { Overload } from './overload.ts'

/** What a clock at some place shows. */
type Fields = {
  year: number
  month: number
  day: number
  hour: number
  minute: number
  second: number
  date: Date
}

const readers: Record<string, (fields: Fields) => number> = {
  getFullYear: ({ year }) => year,
  getMonth: ({ month }) => month,
  getDate: ({ day }) => day,
  getDayOfMonth: ({ day }) => day - 1,
  getDayOfWeek: ({ date }) => date.getUTCDay(),
  getDayOfYear: ({ year, date }) => {
    const start = new Date(0)
    start.setUTCFullYear(year, 0, 1)
    return Math.floor((date.getTime() - start.getTime()) / 86_400_000)
  },
  getHours: ({ hour }) => hour,
  getMinutes: ({ minute }) => minute,
  getSeconds: ({ second }) => second,
}

const overloadNames: Record<string, string> = {
  getFullYear: 'year',
  getMonth: 'month',
  getDate: 'day_of_month_1_based',
  getDayOfMonth: 'day_of_month',
  getDayOfWeek: 'day_of_week',
  getDayOfYear: 'day_of_year',
  getHours: 'hours',
  getMinutes: 'minutes',
  getSeconds: 'seconds',
  getMilliseconds: 'milliseconds',
}

function milliseconds({ nanos }: CelTimestamp): number {
  return Number(((nanos / 1_000_000n) % 1000n) + 1000n) % 1000
}

/** The time at a zone: an offset such as `-08:00`, or a name of the tz database. */
function fieldsAt(timestamp: CelTimestamp, zone: string): Fields | CelError {
  const floor = timestamp.nanos - (((timestamp.nanos % 1_000_000n) + 1_000_000n) % 1_000_000n)
  const shift = zone === 'UTC' ? 0 : shiftOf(zone, Number(floor / 1_000_000n))
  if (shift instanceof CelError) return shift
  const date = new Date(Number(floor / 1_000_000n) + shift)
  return {
    year: date.getUTCFullYear(),
    month: date.getUTCMonth(),
    day: date.getUTCDate(),
    hour: date.getUTCHours(),
    minute: date.getUTCMinutes(),
    second: date.getUTCSeconds(),
    date,
  }
}

function shiftOf(zone: string, epochMs: number): number | CelError {
  const offset = /^([+-]?)(\d{1,2}):(\d{2})$/.exec(zone)
  if (offset) {
    const minutes = Number(offset[2]) * 60 + Number(offset[3])
    return (offset[1] === '-' ? -minutes : minutes) * 60_000
  }
  try {
    const format = new Intl.DateTimeFormat('en-US', { timeZone: zone, timeZoneName: 'longOffset' })
    const name = format.formatToParts(epochMs).find(({ type }) => type === 'timeZoneName')?.value ?? 'GMT'
    return name === 'GMT' ? 0 : shiftOf(name.slice(3), epochMs)
  } catch {
    // Only an unknown name is refused.
    return new CelError(`unknown time zone ${zone}`)
  }
}

const durationUnits: [string, string, bigint][] = [
  ['getHours', 'hours', 3_600_000_000_000n],
  ['getMinutes', 'minutes', 60_000_000_000n],
  ['getSeconds', 'seconds', 1_000_000_000n],
  ['getMilliseconds', 'milliseconds', 1_000_000n],
]

/** The parts of timestamps, in UTC or at a zone, and durations in whole units. */
export const timeOverloads: Overload[] = [
  ...Object.entries(readers).flatMap(([name, read]) => {
    const at = (timestamp: CelTimestamp, zone: string): CelValue => {
      const fields = fieldsAt(timestamp, zone)
      return fields instanceof CelError ? fields : read(fields)
    }
    return [
      overload(`timestamp_to_${overloadNames[name]}`, `timestamp.${name}() -> int`, (value: CelTimestamp) =>
        at(value, 'UTC'),
      ),
      overload(`timestamp_to_${overloadNames[name]}_with_tz`, `timestamp.${name}(string) -> int`, at),
    ]
  }),
  overload('timestamp_to_milliseconds', 'timestamp.getMilliseconds() -> int', milliseconds),
  overload('timestamp_to_milliseconds_with_tz', 'timestamp.getMilliseconds(string) -> int', milliseconds),
  ...durationUnits.map(([name, id, unit]) =>
    overload(`duration_to_${id}`, `duration.${name}() -> int`, ({ nanos }: CelDuration) =>
      toInt(nanos / unit)!,
    ),
  ),
]
