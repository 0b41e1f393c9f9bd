import { request } from 'node:http'
import type { IncomingMessage } from 'node:http'
import { connect as connectTls } from 'node:tls'
import type { Duplex } from 'node:stream'
import type { Container, HTTPGetAction } from '../../api/generated/core-v1.ts'

/** A port given by number, or by the name of one of the container's ports. Throws when there is none of that name. */
export function portNumber(port: number | string, container: Container): number {
  if (typeof port === 'number') return port
  const named = container.ports?.find(({ name }) => name === port)
  if (named) return named.containerPort
  const number = Number(port)
  if (Number.isInteger(number)) return number
  throw new Error(`couldn't find port: ${port}`)
}

interface HttpActionOptions {
  action: HTTPGetAction
  /** `host:port` for the Host header unless one of the action's headers names another. */
  authority: string
  userAgent: string
}

/**
 * Performs the httpGet of a probe or hook over a connection that is already there; with HTTPS no certificate is checked,
 * as upstream. Resolves with the head of the response; the caller destroys the stream.
 */
export function performHttpGet(raw: Duplex, options: HttpActionOptions): Promise<IncomingMessage> {
  const { action, authority, userAgent } = options
  const stream: Duplex =
    action.scheme === 'HTTPS' ? connectTls({ socket: raw, rejectUnauthorized: false }) : raw
  const headers: Record<string, string> = {
    Host: authority,
    'User-Agent': userAgent,
    Accept: '*/*',
    Connection: 'close',
  }
  for (const { name, value } of action.httpHeaders ?? []) {
    const known = Object.keys(headers).find((key) => key.toLowerCase() === name.toLowerCase())
    // An empty Host means what is asked, an empty Accept or User-Agent none at all.
    if (known === 'Host') headers.Host = value || authority
    else if (known && value === '') delete headers[known]
    else headers[known ?? name] = value
  }
  return new Promise((resolve, reject) => {
    stream.once('error', reject)
    const path = action.path ?? '/'
    const outgoing = request({
      createConnection: () => stream,
      method: 'GET',
      path: path.startsWith('/') ? path : `/${path}`,
      headers,
    })
    outgoing.once('response', resolve)
    outgoing.once('error', reject)
    outgoing.end()
  })
}
