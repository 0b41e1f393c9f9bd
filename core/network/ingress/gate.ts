import type { IncomingMessage, OutgoingHttpHeaders } from 'node:http'
import type { Secret } from '../../api/generated/core-v1.ts'
import type { IngressSettings } from '../../api/ingress-annotations.ts'
import { isInRanges, sourceRanges } from '../source-ranges.ts'
import { parseHtpasswd, passwordMatches } from './htpasswd.ts'

/** An answer that is given in place of an endpoint's. */
export interface Refusal {
  status: number
  text: string
  headers?: OutgoingHttpHeaders
}

const unavailable: Refusal = { status: 503, text: 'Service Temporarily Unavailable' }

/** Who may come in, by an Ingress' settings: from where, and as whom. Undefined: whoever asks may. */
export function refusalOf(
  request: Pick<IncomingMessage, 'headers'>,
  client: string,
  settings: IngressSettings,
  secret: (key: string) => Secret | undefined,
): Refusal | undefined {
  const { sources, basicAuth, isClosed } = settings
  const isDenied = isInRanges(sourceRanges(sources.denied), client)
  const isAllowed = sources.allowed.length === 0 || isInRanges(sourceRanges(sources.allowed), client)
  if (isDenied || !isAllowed) return { status: 403, text: 'Forbidden' }
  if (isClosed) return unavailable
  if (!basicAuth) return undefined
  const users = usersOf(secret(basicAuth.secret), basicAuth.isMap)
  // As nginx without its file: nobody is let in.
  if (!users) return unavailable
  const { user, password } = credentialsOf(request.headers.authorization)
  const hashed = users.get(user)
  if (hashed !== undefined && passwordMatches(password, hashed)) return undefined
  const headers = { 'www-authenticate': `Basic realm="${basicAuth.realm.replaceAll('"', '')}"` }
  return { status: 401, text: 'Authorization Required', headers }
}

function usersOf(secret: Secret | undefined, isMap: boolean): Map<string, string> | undefined {
  const { data } = secret ?? {}
  if (isMap && data) return new Map(Object.entries(data).map(([user, value]) => [user, decode(value).trim()]))
  return data?.['auth'] === undefined ? undefined : parseHtpasswd(decode(data['auth']))
}

function credentialsOf(header = ''): { user: string; password: string } {
  const text = decode(/^Basic +(\S+)$/i.exec(header)?.[1] ?? '')
  const at = text.indexOf(':')
  return { user: text.slice(0, Math.max(at, 0)), password: text.slice(at + 1) }
}

function decode(base64: string): string {
  return Buffer.from(base64, 'base64').toString()
}
