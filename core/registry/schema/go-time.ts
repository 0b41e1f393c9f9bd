import { goQuote } from '../../api/go-text.ts'

const layout = '2006-01-02T15:04:05Z07:00'

/** Parts of the layout in order: a literal, or a number of so many digits and its bounds. */
const parts: { text: string; form: RegExp; range?: [what: string, low: number, high: number] }[] = [
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
  { text: '05', form: /^\d\d(?:[.,]\d+)?/, range: ['second', 0, 59] },
  { text: 'Z07:00', form: /^(?:Z|[+-]\d\d:\d\d)/ },
]

/** What Go says of a text that is no RFC 3339 time (package time: Parse). */
export function timeProblem(text: string): string {
  const at = `parsing time ${goQuote(text)}`
  let rest = text
  for (const { text: wanted, form, range } of parts) {
    const [found] = form.exec(rest) ?? []
    if (found === undefined)
      return `${at} as ${goQuote(layout)}: cannot parse ${goQuote(rest)} as ${goQuote(wanted)}`
    rest = rest.slice(found.length)
    const value = Math.trunc(Number(found.replace(',', '.')))
    if (range && (value < range[1] || value > range[2])) return `${at}: ${range[0]} out of range`
  }
  return rest === '' ? `${at}: day out of range` : `${at}: extra text: ${goQuote(rest)}`
}

const rfc3339Form = /^\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(?:\.(\d+))?(?:[Zz]|[+-]\d\d:\d\d)$/

/** An RFC 3339 time and the digits of its seconds' fraction; undefined for a text that is none. */
export function parseTime(text: string): { milliseconds: number; fraction: string } | undefined {
  const match = rfc3339Form.exec(text)
  const milliseconds = match ? Date.parse(text) : NaN
  return !match || Number.isNaN(milliseconds) ? undefined : { milliseconds, fraction: match[1] ?? '' }
}
