import { parseExactJson } from '../api/exact-json.ts'
import { Agent, request, type RequestOptions } from 'node:https'
import type { IncomingMessage } from 'node:http'
import { withItemTypes } from '../api/item-types.ts'
import type { KubeList, KubeObject } from '../api/meta.ts'
import { failureOfText, serviceUnavailable, StatusError, type Status } from '../api/status.ts'
import { resourcePath } from './resource-path.ts'
import type { ApiCall, PatchType, Transport, WatchCall, WatchEvent } from './transport.ts'

/** Where the server is and how to prove who one is. PEM texts. */
export interface HttpsTransportOptions {
  /** `https://host:port`. */
  server: string
  ca?: string
  /** This and its key are read at each request, so that they may be getters of a certificate that is renewed. */
  cert?: string
  key?: string
  /** Bearer token; asked for at each request, so it may change. */
  token?: () => string
  /** Overrides the host name that the server's certificate must carry. */
  servername?: string
}

const methods: Record<ApiCall['verb'], string> = {
  get: 'GET',
  list: 'GET',
  create: 'POST',
  update: 'PUT',
  patch: 'PATCH',
  delete: 'DELETE',
  deletecollection: 'DELETE',
}

const patchTypes: Record<PatchType, string> = {
  json: 'application/json-patch+json',
  merge: 'application/merge-patch+json',
  strategic: 'application/strategic-merge-patch+json',
  apply: 'application/apply-patch+yaml',
}

interface Sent {
  method: string
  path: string
  body?: unknown
  contentType?: string
  signal?: AbortSignal | undefined
}

function isStatus(value: unknown): value is Status {
  return typeof value === 'object' && value !== null && (value as { kind?: unknown }).kind === 'Status'
}

function statusError(code: number, text: string): StatusError {
  try {
    const parsed: unknown = parseExactJson(text)
    if (isStatus(parsed)) return new StatusError(parsed)
  } catch {
    // Not JSON: a proxy's page, say. The text itself is the best message there is.
  }
  return failureOfText(code, text.slice(0, 1000))
}

async function readText(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of response) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString('utf8')
}

/** Calls `onLines` with the whole lines of each chunk. */
async function readLines(response: IncomingMessage, onLines: (lines: string[]) => void): Promise<void> {
  let rest = ''
  response.setEncoding('utf8')
  for await (const chunk of response) {
    const lines = (rest + (chunk as string)).split('\n')
    rest = lines.pop() ?? ''
    const whole = lines.filter((line) => line.trim() !== '')
    if (whole.length > 0) onLines(whole)
  }
}

/**
 * A transport over HTTPS/1.1 with kept-alive connections, for agents out of process and for tests. JSON both ways;
 * watches are JSON lines. A server that cannot be reached gives a StatusError 503. Dispose closes the connections.
 */
export function createHttpsTransport(options: HttpsTransportOptions): Transport & Disposable {
  const { ca, token, servername } = options
  const server = new URL(options.server)
  const agent = new Agent({ keepAlive: true, maxSockets: Infinity })
  const tls = { ca, servername, agent }

  function send(sent: Sent): Promise<IncomingMessage> {
    const text = sent.body === undefined ? undefined : JSON.stringify(sent.body)
    const headers: Record<string, string> = { Accept: 'application/json', 'User-Agent': 'wheelhouse' }
    if (text !== undefined) {
      headers['Content-Type'] = sent.contentType ?? 'application/json'
      // Node would send the body of a DELETE without saying that there is one.
      headers['Content-Length'] = String(Buffer.byteLength(text))
    }
    if (token) headers.Authorization = `Bearer ${token()}`
    const target: RequestOptions = {
      ...tls,
      cert: options.cert,
      key: options.key,
      host: server.hostname.replace(/^\[|\]$/g, ''),
      port: server.port || 443,
      method: sent.method,
      path: sent.path,
      headers,
    }
    if (sent.signal) target.signal = sent.signal
    return new Promise((resolve, reject) => {
      const outgoing = request(target, resolve)
      outgoing.on('error', (error: Error) =>
        reject(serviceUnavailable(`${sent.method} ${server.origin}${sent.path}: ${error.message}`)),
      )
      outgoing.end(text)
    })
  }

  return {
    async call(call: ApiCall): Promise<KubeObject | KubeList> {
      const sent: Sent = { method: methods[call.verb], path: resourcePath(call), signal: call.signal }
      if (call.body !== undefined) sent.body = call.body
      if (call.patchType) sent.contentType = patchTypes[call.patchType]
      const response = await send(sent)
      const text = await readText(response)
      const code = response.statusCode ?? 500
      if (code >= 400) throw statusError(code, text)
      return withItemTypes(parseExactJson(text) as KubeObject | KubeList)
    },

    async watch(call: WatchCall, onEvents: (events: WatchEvent[]) => void): Promise<void> {
      try {
        const path = resourcePath(call, { watch: 'true' })
        const response = await send({ method: 'GET', path, signal: call.signal })
        const code = response.statusCode ?? 500
        if (code >= 400) throw statusError(code, await readText(response))
        await readLines(response, (lines) => deliver(lines, onEvents))
      } catch (error) {
        if (call.signal.aborted) return
        if (error instanceof StatusError) throw error
        throw serviceUnavailable(`watch ended: ${error instanceof Error ? error.message : String(error)}`)
      }
    },

    [Symbol.dispose]() {
      agent.destroy()
    },
  }
}

/** Parses watch lines; an ERROR event becomes a thrown StatusError, after those before it were delivered. */
function deliver(lines: string[], onEvents: (events: WatchEvent[]) => void): void {
  const events: WatchEvent[] = []
  let error: StatusError | undefined
  for (const line of lines) {
    const event = parseExactJson(line) as { type: string; object: unknown }
    if (event.type === 'ERROR') {
      error = new StatusError(event.object as Status)
      break
    }
    events.push(event as WatchEvent)
  }
  if (events.length > 0) onEvents(events)
  if (error) throw error
}
