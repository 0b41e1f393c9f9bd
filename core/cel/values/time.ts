/** A point in time, in nanoseconds since 1970. */
export class CelTimestamp {
  readonly nanos: bigint
  constructor(nanos: bigint) {
    this.nanos = nanos
  }
}

/** A span of time in nanoseconds. */
export class CelDuration {
  readonly nanos: bigint
  constructor(nanos: bigint) {
    this.nanos = nanos
  }
}

const second = 1_000_000_000n
const minTimestamp = -62135596800n * second
const maxTimestamp = 253402300799n * second + 999_999_999n
const maxDuration = 2n ** 63n - 1n

/** A timestamp within the years 1 to 9999, or undefined. */
export function timestampOf(nanos: bigint): CelTimestamp | undefined {
  return nanos < minTimestamp || nanos > maxTimestamp ? undefined : new CelTimestamp(nanos)
}

/** A duration that fits 64 bits of nanoseconds, or undefined. */
export function durationOf(nanos: bigint): CelDuration | undefined {
  return nanos < -maxDuration - 1n || nanos > maxDuration ? undefined : new CelDuration(nanos)
}

const rfc3339 =
  /^(\d{4})-(\d{2})-(\d{2})[Tt](\d{2}):(\d{2}):(\d{2})(?:\.(\d{1,9})\d*)?([Zz]|[+-]\d{2}:\d{2})$/

/** Reads RFC 3339 text, or a date alone; undefined for what is none. */
export function parseTimestamp(text: string): CelTimestamp | undefined {
  const full = /^\d{4}-\d{2}-\d{2}$/.test(text) ? `${text}T00:00:00Z` : text
  const match = rfc3339.exec(full)
  if (!match) return undefined
  const [, year, month, day, hour, minute, secondText, fraction = '', zone] = match
  const fields = [
    Number(year),
    Number(month) - 1,
    Number(day),
    Number(hour),
    Number(minute),
    Number(secondText),
  ]
  const date = new Date(0)
  date.setUTCFullYear(fields[0]!, fields[1], fields[2])
  date.setUTCHours(fields[3]!, fields[4], fields[5])
  const isReal =
    date.getUTCMonth() === fields[1] && date.getUTCDate() === fields[2] && date.getUTCHours() === fields[3]
  if (!isReal || fields[4]! > 59 || fields[5]! > 59) return undefined
  const nanos = BigInt(date.getTime()) * 1_000_000n + BigInt(fraction.padEnd(9, '0'))
  return timestampOf(nanos - BigInt(offsetMinutes(zone!)) * 60n * second)
}

function offsetMinutes(zone: string): number {
  if (zone.toUpperCase() === 'Z') return 0
  const minutes = Number(zone.slice(1, 3)) * 60 + Number(zone.slice(4, 6))
  return zone.startsWith('-') ? -minutes : minutes
}

const units: Record<string, bigint> = {
  ns: 1n,
  us: 1_000n,
  µs: 1_000n,
  μs: 1_000n,
  ms: 1_000_000n,
  s: second,
  m: 60n * second,
  h: 3600n * second,
}

/** Reads a duration as Go's time.ParseDuration does, e.g. `1h30m`; undefined for what is none. */
export function parseDuration(text: string): CelDuration | undefined {
  const [, sign, body] = /^([+-]?)(.*)$/s.exec(text)!
  if (body === '0') return new CelDuration(0n)
  const parts = body!.match(/(\d+\.?\d*|\.\d+)(ns|us|µs|μs|ms|s|m|h)/g)
  if (!parts || parts.join('') !== body) return undefined
  let total = 0n
  for (const part of parts) {
    const [, number, unitName] = /^([\d.]+)(.+)$/.exec(part)!
    const unit = units[unitName!]!
    const [whole = '', fraction = ''] = number!.split('.')
    total += BigInt(whole || '0') * unit
    if (fraction) total += (BigInt(fraction) * unit) / 10n ** BigInt(fraction.length)
  }
  return durationOf(sign === '-' ? -total : total)
}

/** Seconds with up to nine decimals and an `s`: how durations turn into text. */
export function formatDuration({ nanos }: CelDuration): string {
  const magnitude = nanos < 0n ? -nanos : nanos
  return `${nanos < 0n ? '-' : ''}${magnitude / second}${fractionText(magnitude % second)}s`
}

/** RFC 3339 in UTC with as many decimals as there are. */
export function formatTimestamp({ nanos }: CelTimestamp): string {
  const fraction = ((nanos % second) + second) % second
  const date = new Date(Number((nanos - fraction) / 1_000_000n))
  return date.toISOString().replace(/\.000Z$/, `${fractionText(fraction)}Z`)
}

function fractionText(fraction: bigint): string {
  return fraction === 0n ? '' : `.${fraction.toString().padStart(9, '0').replace(/0+$/, '')}`
}
