import { goQuote } from '../../api/go-text.ts'

/** A moment: whole seconds in milliseconds since 1970, and the digits of the fraction as they were given. */
export interface GoTime {
  milliseconds: number
  fraction: string
}

/** A part of a layout: a literal, or a number and its bounds. */
interface Part {
  text: string
  form: RegExp
  range?: [what: string, low: number, high: number]
}

const untilSecond: Part[] = [
  { text: '2006', form: /^\d{4}/ },
  { text: '-', form: /^-/ },
  { text: '01', form: /^\d\d/, range: ['month', 1, 12] },
  { text: '-', form: /^-/ },
  { text: '02', form: /^\d\d/ },
  { text: 'T', form: /^T/ },
  { text: '15', form: /^\d\d?/, range: ['hour', 0, 23] },
  { text: ':', form: /^:/ },
  { text: '04', form: /^\d\d/, range: ['minute', 0, 59] },
  { text: ':', form: /^:/ },
]
const second: Part = { text: '05', form: /^\d\d/, range: ['second', 0, 59] }
const zone: Part = { text: 'Z07:00', form: /^(?:Z|[+-]\d\d:\d\d)/ }

/** The layouts that Kubernetes reads: of a Time any fraction may follow the second, of a MicroTime six digits must. */
const layouts = {
  time: [...untilSecond, { ...second, form: /^\d\d(?:[.,]\d+)?/ }, zone],
  microTime: [...untilSecond, second, { text: '.000000', form: /^[.,]\d{6}/ }, zone],
} satisfies Record<string, Part[]>

/** Reads an RFC 3339 time as Go's time.Parse does; of a text that is none, what Go says of it. */
export function parseGoTime(text: string, layout: keyof typeof layouts): GoTime | string {
  const at = `parsing time ${goQuote(text)}`
  const parts = layouts[layout]
  const found: string[] = []
  let rest = text
  for (const { text: wanted, form, range } of parts) {
    const [one] = form.exec(rest) ?? []
    if (one === undefined) {
      const whole = parts.map((part) => part.text).join('')
      return `${at} as ${goQuote(whole)}: cannot parse ${goQuote(rest)} as ${goQuote(wanted)}`
    }
    rest = rest.slice(one.length)
    found.push(one)
    const value = Number.parseInt(one, 10)
    if (range && (value < range[1] || value > range[2])) return `${at}: ${range[0]} out of range`
    if (wanted !== zone.text) continue
    const [hours, minutes] = offsetOf(one)
    if (hours > 24) return `${at}: time zone offset hour out of range`
    if (minutes > 60) return `${at}: time zone offset minute out of range`
  }
  if (rest !== '') return `${at}: extra text: ${goQuote(rest)}`
  return momentOf(found) ?? `${at}: day out of range`
}

function offsetOf(zoneText: string): [hours: number, minutes: number] {
  return zoneText === 'Z' ? [0, 0] : [Number(zoneText.slice(1, 3)), Number(zoneText.slice(4))]
}

/** The moment of the texts of all parts; undefined where the month has no such day. */
function momentOf(found: string[]): GoTime | undefined {
  const [year, month, day, hour, minute, seconds] = [0, 2, 4, 6, 8, 10].map((at) =>
    Number.parseInt(found[at]!, 10),
  ) as [number, number, number, number, number, number]
  const date = new Date(0)
  date.setUTCFullYear(year, month - 1, day)
  if (date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day) return undefined
  const zoneText = found.at(-1)!
  const [hours, minutes] = offsetOf(zoneText)
  const offset = (hours * 60 + minutes) * (zoneText.startsWith('-') ? -1 : 1)
  const milliseconds = date.setUTCHours(hour, minute - offset, seconds)
  return { milliseconds, fraction: found.slice(10, -1).join('').split(/[.,]/)[1] ?? '' }
}
