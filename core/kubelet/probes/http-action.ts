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
  const { action } = options
  const stream: Duplex =
    action.scheme === 'HTTPS' ? connectTls({ socket: raw, rejectUnauthorized: false }) : raw
  const headers = headersOf(options)
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

/** The action's headers, each as often as it is given, with the usual ones (upstream: pkg/probe/http/request.go). */
function headersOf({ action, authority, userAgent }: HttpActionOptions): Record<string, string | string[]> {
  const given = new Map<string, { name: string; values: string[] }>()
  for (const { name, value } of action.httpHeaders ?? []) {
    const same = given.get(name.toLowerCase())
    if (same) same.values.push(value)
    else given.set(name.toLowerCase(), { name, values: [value] })
  }
  const take = (name: string): string[] | undefined => {
    const found = given.get(name)
    given.delete(name)
    return found?.values
  }
  const headers: Record<string, string | string[]> = { Host: take('host')?.[0] || authority }
  // Given but empty means none at all.
  const [agent = userAgent] = take('user-agent') ?? []
  if (agent) headers['User-Agent'] = agent
  const accept = take('accept') ?? ['*/*']
  if (accept[0]) headers.Accept = accept
  // There is no body; Go leaves these out too.
  for (const name of ['content-length', 'transfer-encoding', 'trailer']) given.delete(name)
  headers.Connection = take('connection') ?? 'close'
  for (const { name, values } of given.values()) headers[name] = values
  return headers
}
