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

/** Why a request from the address `client` may not come in; undefined where it may. */
export type Gate = (
  request: Pick<IncomingMessage, 'headers'>,
  client: string,
  secret: (key: string) => Secret | undefined,
) => Refusal | undefined

/** Who may come in, by an Ingress' settings: from where, and as whom. */
export function createGate({ sources, basicAuth, isClosed }: IngressSettings): Gate {
  const denied = sourceRanges(sources.denied)
  const allowed = sources.allowed.length > 0 ? sourceRanges(sources.allowed) : undefined
  return (request, client, secret) => {
    const isAllowed = !allowed || isInRanges(allowed, client)
    if (isInRanges(denied, client) || !isAllowed) return { status: 403, text: 'Forbidden' }
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
