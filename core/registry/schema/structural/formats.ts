import { isIP, isIPv6 } from 'node:net'

const label = '[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?'
/** A letter, digit or symbol of any script. */
const sign = String.raw`[a-zA-Z0-9\p{S}\p{L}]`
/** One name with at most one dash, behind its first sign; or several names, the last one of two letters and more. */
const hostname = new RegExp(
  `^(?:${sign}(?:-?${sign}{0,62})|(?:${sign}(?:(?:-|${sign}){0,61}${sign})?\\.)+[a-zA-Z\\p{L}]{2,63})$`,
  'u',
)
const hex = '[0-9a-fA-F]'
const uuidTail = (version: string, variant = hex): RegExp =>
  new RegExp(`^${hex}{8}-?${hex}{4}-?${version}${hex}{3}-?${variant}${hex}{3}-?${hex}{12}$`)
const goDuration =
  /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:ns|us|µs|μs|ms|s|m|h)(?:(?:\d+(?:\.\d*)?|\.\d+)(?:ns|us|µs|μs|ms|s|m|h))*$/
const wordDuration =
  /^\d+\s*(?:ns|nano|us|µs|micro|ms|milli|s|sec|second|m|min|minute|h|hr|hour|d|day|w|wk|week)s?$/i
const time = /^(\d\d):(\d\d):(\d\d)(?:\.\d+)?(?:[zZ]|[+-]\d\d:\d\d)$/

type FormatCheck = (text: string) => boolean

const pattern =
  (expression: RegExp): FormatCheck =>
  (text) =>
    expression.test(text)

/** The string formats that custom resources may ask for (upstream: apiserver/validation/formats.go). */
const checks: Record<string, FormatCheck> = {
  bsonobjectid: pattern(new RegExp(`^${hex}{24}$`)),
  byte: (text) => text.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(text),
  cidr: isCidr,
  creditcard: isCreditCard,
  date: isDate,
  datetime: isDateTime,
  duration: (text) => text === '0' || goDuration.test(text) || wordDuration.test(text),
  // A name may stand before an address in angle brackets.
  email: pattern(/^(?:[^\s@"<>]+@[^\s@<>]+|[^@<>]*<[^\s@"<>]+@[^\s@<>]+>)$/),
  hexcolor: pattern(new RegExp(`^#?(?:${hex}{3}|${hex}{6})$`)),
  hostname: isHostname,
  ip: (text) => isIP(text) !== 0,
  ipv4: (text) => text.includes('.') && isIP(plainIp(text)) !== 0,
  ipv6: (text) => isIPv6(text) && !text.includes('%'),
  isbn: (text) => isIsbn10(text) || isIsbn13(text),
  isbn10: isIsbn10,
  isbn13: isIsbn13,
  k8slongname: (text) => text.length <= 253 && new RegExp(`^${label}(?:\\.${label})*$`).test(text),
  k8sshortname: pattern(new RegExp(`^${label}$`)),
  mac: pattern(
    new RegExp(
      `^(?:${hex}{2}(?:[:-]${hex}{2}){5}|${hex}{2}(?:[:-]${hex}{2}){7}|${hex}{4}(?:\\.${hex}{4}){2,3})$`,
    ),
  ),
  password: () => true,
  rgbcolor: pattern(
    /^rgb\(\s*(?:\d{1,2}|1\d\d|2[0-4]\d|25[0-5])\s*(?:,\s*(?:\d{1,2}|1\d\d|2[0-4]\d|25[0-5])\s*){2}\)$/,
  ),
  ssn: pattern(/^\d{3}[- ]?\d{2}[- ]?\d{4}$/),
  uri: isUri,
  uuid: pattern(new RegExp(`^${hex}{8}-?${hex}{4}-?${hex}{4}-?${hex}{4}-?${hex}{12}$`)),
  uuid3: pattern(uuidTail('3')),
  uuid4: pattern(uuidTail('4', '[89abAB]')),
  uuid5: pattern(uuidTail('5', '[89abAB]')),
}

/** Whether a text has a format; undefined for formats that nobody checks. Dashes in the format's name do not count. */
export function hasFormat(format: string, text: string): boolean | undefined {
  const name = format.replaceAll('-', '')
  return Object.hasOwn(checks, name) ? checks[name]?.(text) : undefined
}

/** Whether values of this format are checked. */
export function isKnownFormat(format: string): boolean {
  return Object.hasOwn(checks, format.replaceAll('-', ''))
}

function isDate(text: string): boolean {
  if (!/^\d{4}-\d\d-\d\d$/.test(text)) return false
  const parsed = new Date(`${text}T00:00:00Z`)
  return !Number.isNaN(parsed.getTime()) && parsed.toISOString().startsWith(text)
}

function isDateTime(text: string): boolean {
  const match = time.exec(text.slice(11))
  if (!match || !isDate(text.slice(0, 10)) || !/[tT]/.test(text[10] ?? '')) return false
  const [, hours, minutes, seconds] = match
  return Number(hours) < 24 && Number(minutes) < 60 && Number(seconds) < 60
}

function isHostname(text: string): boolean {
  if (!hostname.test(text) || Buffer.byteLength(text) > 255) return false
  return text.split('.').every((name) => Buffer.byteLength(name) <= 63)
}

/** Without the leading zeros that Go's older parser takes. */
function plainIp(text: string): string {
  return text.replace(/(^|[.:])0+(?=\d+(?:\.|$))/g, '$1')
}

function isCidr(text: string): boolean {
  const [address = '', length = '', ...rest] = text.split('/')
  const family = isIP(plainIp(address))
  if (family === 0 || rest.length > 0 || !/^\d{1,3}$/.test(length)) return false
  return Number(length) <= (family === 4 ? 32 : 128)
}

/** An absolute URI or an absolute path (Go: url.ParseRequestURI). */
function isUri(text: string): boolean {
  if (text.startsWith('/')) return !/[\s\p{Cc}]/u.test(text)
  return /^[a-zA-Z][a-zA-Z0-9+.-]*:/.test(text) && URL.canParse(text)
}

/** Luhn's sum. */
function isCreditCard(text: string): boolean {
  const digits = text.replace(/[^0-9]/g, '')
  if (!/^\d{13,19}$/.test(digits)) return false
  let sum = 0
  for (const [index, digit] of [...digits].reverse().entries()) {
    const value = Number(digit) * (index % 2 === 1 ? 2 : 1)
    sum += value > 9 ? value - 9 : value
  }
  return sum % 10 === 0
}

function isIsbn10(text: string): boolean {
  const digits = text.replace(/[\s-]/g, '')
  if (!/^\d{9}[\dXx]$/.test(digits)) return false
  const sum = [...digits].reduce(
    (total, digit, index) => total + (10 - index) * (/x/i.test(digit) ? 10 : Number(digit)),
    0,
  )
  return sum % 11 === 0
}

function isIsbn13(text: string): boolean {
  const digits = text.replace(/[\s-]/g, '')
  if (!/^\d{13}$/.test(digits)) return false
  return (
    [...digits].reduce((sum, digit, index) => sum + Number(digit) * (index % 2 === 0 ? 1 : 3), 0) % 10 === 0
  )
}
