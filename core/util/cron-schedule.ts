import { Cron } from 'croner'

/** When something is to run, again and again. All times are milliseconds since the epoch. */
export interface CronSchedule {
  /** The first run after this time; undefined when there is none any more. */
  next(after: number): number | undefined
  /** The last run in (`since`, `until`]; undefined when there is none. */
  latest(since: number, until: number): number | undefined
}

const descriptors: Record<string, string> = {
  '@yearly': '0 0 1 1 *',
  '@annually': '0 0 1 1 *',
  '@monthly': '0 0 1 * *',
  '@weekly': '0 0 * * 0',
  '@daily': '0 0 * * *',
  '@midnight': '0 0 * * *',
  '@hourly': '0 * * * *',
}

const months = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']
const weekdays = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat']

interface Bounds {
  min: number
  max: number
  names: string[]
}

const fieldBounds: Bounds[] = [
  { min: 0, max: 59, names: [] },
  { min: 0, max: 23, names: [] },
  { min: 1, max: 31, names: [] },
  { min: 1, max: 12, names: months },
  { min: 0, max: 6, names: weekdays },
]

/**
 * Reads a schedule of five fields, a descriptor such as `@hourly`, or `@every 1h30m`, in the grammar that Kubernetes
 * takes (robfig/cron ParseStandard); croner's extensions are refused. Times are those of `timeZone`, by default UTC.
 * Throws an Error that says what is wrong.
 */
export function parseCronSchedule(text: string, timeZone = 'UTC'): CronSchedule {
  if (text.startsWith('@every ')) return everySchedule(text)
  if (text.startsWith('@') && !descriptors[text]) throw new Error(`unrecognized descriptor: ${text}`)
  const fields = (descriptors[text] ?? text).trim().split(/\s+/)
  if (fields.length !== 5) {
    throw new Error(`expected exactly 5 fields, found ${fields.length}: [${fields.join(' ')}]`)
  }
  for (const [at, field] of fields.entries()) checkField(field, fieldBounds[at]!)
  const cron = new Cron(fields.join(' ').replaceAll('?', '*'), { timezone: timeZone, mode: '5-part' })
  return {
    next: (after) => cron.nextRun(new Date(after))?.getTime(),
    latest(since, until) {
      // croner looks strictly before its reference, in whole seconds.
      const found = cron.previousRuns(1, new Date(until + 1000))[0]?.getTime()
      return found !== undefined && found > since && found <= until ? found : undefined
    },
  }
}

/** Whether the machine knows this IANA time zone. */
export function isTimeZone(name: string): boolean {
  try {
    return Boolean(new Intl.DateTimeFormat('en', { timeZone: name }))
  } catch {
    return false
  }
}

function checkField(field: string, bounds: Bounds): void {
  for (const part of field.split(',')) checkRange(part, bounds)
}

function checkRange(text: string, bounds: Bounds): void {
  const [range = '', step, ...tooMany] = text.split('/')
  if (tooMany.length > 0) throw new Error(`too many slashes: ${text}`)
  const [low = '', high, ...rest] = range.split('-')
  if (rest.length > 0) throw new Error(`too many hyphens: ${text}`)
  if (low !== '*' && low !== '?') {
    const start = numberOf(low, bounds)
    const end = high === undefined ? start : numberOf(high, bounds)
    if (start < bounds.min)
      throw new Error(`beginning of range (${start}) below minimum (${bounds.min}): ${text}`)
    if (end > bounds.max) throw new Error(`end of range (${end}) above maximum (${bounds.max}): ${text}`)
    if (start > end) throw new Error(`beginning of range (${start}) beyond end of range (${end}): ${text}`)
  }
  if (step !== undefined && numberOf(step, { ...bounds, names: [] }) === 0) {
    throw new Error(`step of range should be a positive number: ${text}`)
  }
}

function numberOf(text: string, bounds: Bounds): number {
  const named = bounds.names.indexOf(text.toLowerCase())
  if (named >= 0) return named + bounds.min
  if (/^\d+$/.test(text)) return Number(text)
  throw new Error(
    `failed to parse int from ${text}: strconv.Atoi: parsing ${JSON.stringify(text)}: invalid syntax`,
  )
}

const unitMs: Record<string, number> = { h: 3_600_000, m: 60_000, s: 1000, ms: 1 }

/** `@every <Go duration>`: whole seconds, at least one, counted from the time asked about. */
function everySchedule(text: string): CronSchedule {
  const duration = text.slice('@every '.length)
  if (!/^(\d+(\.\d+)?(ms|h|m|s))+$/.test(duration)) {
    throw new Error(`failed to parse duration ${text}: time: invalid duration ${JSON.stringify(duration)}`)
  }
  let milliseconds = 0
  for (const [, amount, unit] of duration.matchAll(/(\d+(?:\.\d+)?)(ms|h|m|s)/g)) {
    milliseconds += Number(amount) * (unitMs[unit ?? ''] ?? 0)
  }
  const period = Math.max(1000, Math.floor(milliseconds / 1000) * 1000)
  const next = (after: number): number => Math.floor(after / 1000) * 1000 + period
  return {
    next,
    latest(since, until) {
      const first = next(since)
      return until < first ? undefined : first + Math.floor((until - first) / period) * period
    },
  }
}
