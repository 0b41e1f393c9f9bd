import { ArrayList, EntryMap } from '../values/containers.ts'
import { CelError, CelOpaque } from '../values/value.ts'
import { overload } from './overload.ts'
import type { Overload } from './overload.ts'

/** An absolute URL or path, in its parts as written. */
export class CelUrl extends CelOpaque {
  readonly typeName = 'kubernetes.URL'
  readonly scheme: string
  readonly host: string
  readonly path: string
  readonly query: string
  readonly #text: string
  constructor(text: string, parts: { scheme: string; host: string; path: string; query: string }) {
    super()
    this.#text = text
    this.scheme = parts.scheme
    this.host = parts.host
    this.path = parts.path
    this.query = parts.query
  }
  get costSize(): number {
    return this.#text.length
  }
  isEqualTo(other: CelOpaque): boolean {
    return other instanceof CelUrl && this.#text === other.#text
  }
}

const form = /^(?:([A-Za-z][A-Za-z0-9+.-]*):)?(?:\/\/(?:[^/?#@]*@)?([^/?#]*))?([^?#]*)(?:\?([^#]*))?(?:#.*)?$/

/** Reads what Go's url.ParseRequestURI takes: an absolute URI or an absolute path. */
export function parseUrl(text: string): CelUrl | CelError {
  const problem = (why: string): CelError =>
    new CelError(`URL parse error during conversion from string: parse ${JSON.stringify(text)}: ${why}`)
  if (text === '') return problem('empty url')
  if ([...text].some((char) => char < ' ' || char === '\x7f'))
    return problem('net/url: invalid control character in URL')
  const match = form.exec(text)
  const [, scheme = '', host = '', path = '', query = ''] = match ?? []
  if (!match || (scheme === '' && !text.startsWith('/'))) return problem('invalid URI for request')
  const bad = /%(?![0-9A-Fa-f]{2}).{0,2}/.exec(`${host}${path}`)
  if (bad) return problem(`invalid URL escape ${JSON.stringify(bad[0])}`)
  if (/\s/.test(host)) return problem('invalid character " " in host name')
  const port = /:([^\]]*)$/.exec(host.replace(/^\[[^\]]*\]/, ''))
  if (port && !/^\d*$/.test(port[1]!))
    return problem(`invalid port ${JSON.stringify(`:${port[1]}`)} after host`)
  return new CelUrl(text, { scheme: scheme.toLowerCase(), host, path, query })
}

function hostname({ host }: CelUrl): string {
  return host.startsWith('[') ? host.slice(1, host.indexOf(']')) : host.replace(/:\d*$/, '')
}

function queryOf({ query }: CelUrl): EntryMap {
  const values = new Map<string, string[]>()
  for (const [key, value] of new URLSearchParams(query)) values.set(key, [...(values.get(key) ?? []), value])
  const map = new EntryMap()
  for (const [key, list] of values) map.add(key, new ArrayList(list))
  return map
}

const escaped = (path: string): string =>
  path.replace(/[^A-Za-z0-9\-_.~$&+,/:;=@!'()*%]/gu, (char) => encodeURIComponent(char))

/** URLs (upstream: pkg/cel/library/urls.go). */
export const urlOverloads: Overload[] = [
  overload('string_to_url', 'url(string) -> URL', parseUrl),
  overload('is_url_string', 'isURL(string) -> bool', (text: string) => parseUrl(text) instanceof CelUrl),
  overload('url_get_scheme', 'URL.getScheme() -> string', ({ scheme }: CelUrl) => scheme),
  overload('url_get_host', 'URL.getHost() -> string', ({ host }: CelUrl) => host),
  overload('url_get_hostname', 'URL.getHostname() -> string', hostname),
  overload(
    'url_get_port',
    'URL.getPort() -> string',
    ({ host }: CelUrl) => /:(\d*)$/.exec(host.replace(/^\[[^\]]*\]/, ''))?.[1] ?? '',
  ),
  overload('url_get_escaped_path', 'URL.getEscapedPath() -> string', ({ path }: CelUrl) => escaped(path)),
  overload('url_get_query', 'URL.getQuery() -> map<string, list<string>>', queryOf),
]
