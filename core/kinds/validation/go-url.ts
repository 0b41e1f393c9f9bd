import { isIPv4, isIPv6 } from 'node:net'
import { goQuote } from '../../api/go-text.ts'

/** A URL as Go's net/url takes it apart; all but the path. */
export interface GoUrl {
  scheme: string
  /** As written, with its port. */
  host: string
  /** Name and password before the host, escaped; undefined where there is no `@`, which may also stand alone. */
  user: string | undefined
  query: string
  fragment: string
}

/** What Go refuses. */
class UrlProblem extends Error {}

const hostCharacters = /[^A-Za-z0-9\-_.~!$&'()*+,;=:[\]<>"%\u0080-\u{10ffff}]/u
const userCharacters = /^[A-Za-z0-9\-._:~!$&'()*+,;=%@]*$/

/** Reads a URL, absolute or relative, as Go's url.Parse does; of a text that is none, what Go says of it. */
export function parseGoUrl(text: string): GoUrl | string {
  const [url = '', ...fragments] = text.split('#')
  const fragment = fragments.join('#')
  try {
    const parts = parse(url)
    try {
      return { ...parts, fragment: unescape(fragment) }
    } catch (error) {
      return problemOf(text, error)
    }
  } catch (error) {
    return problemOf(url, error)
  }
}

function problemOf(text: string, error: unknown): string {
  if (!(error instanceof UrlProblem)) throw error
  return `parse ${goQuote(text)}: ${error.message}`
}

function parse(text: string): Omit<GoUrl, 'fragment'> {
  if ([...text].some((character) => character < ' ' || character === '\x7f')) {
    throw new UrlProblem('net/url: invalid control character in URL')
  }
  if (text.startsWith(':')) throw new UrlProblem('missing protocol scheme')
  const [lead = '', given = ''] = /^([A-Za-z][A-Za-z0-9+.-]*):/.exec(text) ?? []
  const scheme = given.toLowerCase()
  const [rest = '', ...queries] = text.slice(lead.length).split('?')
  const url = { scheme, host: '', user: undefined, query: queries.join('?') }
  if (!rest.startsWith('/')) {
    // Something like `mailto:a` is taken as it is.
    if (scheme) return url
    if (rest.split('/')[0]!.includes(':')) {
      throw new UrlProblem('first path segment in URL cannot contain colon')
    }
  }
  const hasAuthority = rest.startsWith('//') && (scheme !== '' || !rest.startsWith('///'))
  const authority = hasAuthority ? rest.slice(2).split('/')[0]! : ''
  const parts = hasAuthority ? parseAuthority(scheme, authority) : {}
  unescape(hasAuthority ? rest.slice(2 + authority.length) : rest)
  return { ...url, ...parts }
}

function parseAuthority(scheme: string, authority: string): Pick<GoUrl, 'host' | 'user'> {
  const at = authority.lastIndexOf('@')
  const host = parseHost(scheme, authority.slice(at + 1))
  if (at < 0) return { host, user: undefined }
  const user = authority.slice(0, at)
  if (!userCharacters.test(user)) throw new UrlProblem('net/url: invalid userinfo')
  const [name = '', ...password] = user.split(':')
  const parts = password.length > 0 ? [name, password.join(':')] : [name]
  return { host, user: parts.map((part) => escapeUser(unescape(part))).join(':') }
}

function parseHost(scheme: string, host: string): string {
  const bracket = host.lastIndexOf('[')
  if (bracket > 0) throw new UrlProblem('invalid IP-literal')
  if (bracket < 0) {
    // Where nothing is known of the scheme, several hosts may be listed.
    const colon = /^https?$/.test(scheme) ? host.indexOf(':') : host.lastIndexOf(':')
    if (colon >= 0) checkPort(host.slice(colon))
    return unescapeHost(host)
  }
  const end = host.lastIndexOf(']')
  if (end < 0) throw new UrlProblem("missing ']' in host")
  checkPort(host.slice(end + 1))
  const literal = host.slice(1, end)
  const zone = literal.indexOf('%25')
  const name =
    zone < 0 ? unescapeHost(literal) : unescapeHost(literal.slice(0, zone)) + unescape(literal.slice(zone))
  if (isIPv4(name)) throw new UrlProblem('invalid IP-literal')
  if (!isIPv6(name)) throw new UrlProblem(`invalid host: ParseAddr(${goQuote(name)}): unable to parse IP`)
  return `[${name}]${host.slice(end + 1)}`
}

function checkPort(port: string): void {
  if (!/^(?::\d*)?$/.test(port)) throw new UrlProblem(`invalid port ${goQuote(port)} after host`)
}

/** In a host only bytes beyond ASCII may be escaped, and the percent sign. */
function unescapeHost(text: string): string {
  const wrong = /%(?!25)[0-7][0-9A-Fa-f]/.exec(text)
  if (wrong) throw new UrlProblem(`invalid URL escape ${goQuote(wrong[0])}`)
  const plain = unescape(text)
  const [character] = hostCharacters.exec(text) ?? []
  if (character) throw new UrlProblem(`invalid character ${goQuote(character)} in host name`)
  return plain
}

function unescape(text: string): string {
  const wrong = /%(?![0-9A-Fa-f]{2}).{0,2}/u.exec(text)
  if (wrong) throw new UrlProblem(`invalid URL escape ${goQuote(wrong[0])}`)
  if (!text.includes('%')) return text
  // Bytes may be escaped that are no text by themselves.
  const parts = text.split(/(%[0-9A-Fa-f]{2})/)
  return Buffer.concat(
    parts.map((part) => (part.startsWith('%') ? Buffer.from(part.slice(1), 'hex') : Buffer.from(part))),
  ).toString()
}

function escapeUser(text: string): string {
  return encodeURIComponent(text)
    .replace(/%(?:24|26|2B|2C|3B|3D)/g, decodeURIComponent)
    .replace(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`)
}
