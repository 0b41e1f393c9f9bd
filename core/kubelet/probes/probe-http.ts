import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import type { HTTPGetAction } from '../../api/generated/core-v1.ts'
import { performHttpGet } from './http-action.ts'
import type { ProbeResult } from './probe-worker.ts'

/** Bytes of a body that a message quotes at most (upstream: probe/http maxRespBodyLength). */
const quotedBytes = 10 * 1024
const maxRequests = 10
const redirects = new Set([301, 302, 303, 307, 308])

/** An httpGet whose host and port are known. */
export interface HttpTarget {
  action: HTTPGetAction
  host: string
  port: number
}

interface HttpProbeOptions {
  dial(port: number, host: string): Promise<Duplex>
  userAgent: string
  /** Told of each request, for messages about what went wrong with it. */
  onRequest(target: HttpTarget): void
}

/**
 * Asks a server and follows its redirects to the same host, as Go's HTTP client does; where one leads elsewhere the probe has
 * passed, with a warning (upstream: pkg/probe/http). Rejects when a connection breaks.
 */
export async function probeHttp(
  first: HttpTarget,
  { dial, userAgent, onRequest }: HttpProbeOptions,
): Promise<ProbeResult> {
  let target = first
  for (let requests = 1; ; requests++) {
    onRequest(target)
    const { action, host, port } = target
    const raw = await dial(port, host)
    const response = await performHttpGet(raw, { action, authority: `${host}:${port}`, userAgent })
    const next = redirected(target, response)
    if (!next) return judge(response)
    response.resume()
    if (requests === maxRequests) throw new Error(`stopped after ${maxRequests} redirects`)
    target = next
  }
}

/** Where a response leads within the host; undefined where it is the last one. */
function redirected({ action, host, port }: HttpTarget, response: IncomingMessage): HttpTarget | undefined {
  const { statusCode = 0, headers } = response
  const { location } = headers
  if (!redirects.has(statusCode) || !location) return undefined
  const here = urlOf({ action, host, port })
  const there = URL.parse(location, here)
  if (there?.hostname !== new URL(here).hostname) return undefined
  const isAbsolute = URL.canParse(location)
  const scheme = there.protocol === 'https:' ? 'HTTPS' : 'HTTP'
  return {
    action: {
      ...action,
      scheme,
      path: there.pathname + there.search,
      // A name that the probe was given holds as long as the server does not name another one.
      httpHeaders: (action.httpHeaders ?? []).filter(({ name }) => !isAbsolute || !/^host$/i.test(name)),
    },
    host,
    port: Number(there.port || (scheme === 'HTTPS' ? 443 : 80)),
  }
}

async function judge(response: IncomingMessage): Promise<ProbeResult> {
  const { statusCode = 0 } = response
  if (statusCode < 200 || statusCode >= 400) {
    response.resume()
    return { ok: false, output: `HTTP probe failed with statuscode: ${statusCode}` }
  }
  if (statusCode < 300) {
    response.resume()
    return { ok: true, output: '' }
  }
  const body = await readStart(response)
  return { ok: true, output: '', warning: `Probe terminated redirects, Response body: ${body}` }
}

/** As messages name it: `http://10.244.0.2:80/path`. */
export function urlOf({ action, host, port }: HttpTarget): string {
  const path = action.path ?? '/'
  return `${(action.scheme ?? 'HTTP').toLowerCase()}://${host}:${port}${path.startsWith('/') ? path : `/${path}`}`
}

/** The beginning of what a stream says. */
export async function readStart(stream: AsyncIterable<unknown>): Promise<string> {
  let text = ''
  for await (const chunk of stream) if (text.length < quotedBytes) text += String(chunk)
  return text.slice(0, quotedBytes)
}
