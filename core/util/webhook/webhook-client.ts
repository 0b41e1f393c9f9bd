import { goJsonError } from '../go-json-error.ts'
import type { IncomingMessage } from 'node:http'
import { Agent, request } from 'node:https'
import type { Duplex } from 'node:stream'
import { connect as connectTls } from 'node:tls'
import type { Clock } from '../clock.ts'
import type { ServiceDialer } from '../service-dialer.ts'
import { callFailure, serverFailure } from './call-failure.ts'

/** Where a webhook is (upstream: apiserver/pkg/util/webhook ClientConfig). */
export interface WebhookClientConfig {
  url?: string
  service?: { namespace: string; name: string; path?: string; port?: number }
  /** PEM text in base64; absent: the certificates this machine trusts. */
  caBundle?: string
}

/** Calls one webhook over kept-alive connections. */
export interface WebhookClient {
  /**
   * Posts a review and gives the JSON object that is answered. Throws an Error whose message is what Go's client would
   * say, such as `Post "https://a.b.svc:443/?timeout=10s": context deadline exceeded`.
   */
  post(body: unknown, timeoutSeconds: number): Promise<Record<string, unknown>>
}

/** Gives the client of a configuration; equal ones share their connections. */
export interface WebhookClients extends Disposable {
  client(config: WebhookClientConfig): WebhookClient
}

/** More than any review needs, and little enough to hold. */
const maxResponseBytes = 16 * 1024 * 1024
const defaultPort = 443
const maxClients = 200

export interface WebhookClientsOptions {
  dialer?: ServiceDialer | undefined
  clock: Clock
  /** Reads what is answered; throws where it is no JSON. Default: JSON.parse. */
  parse?: (text: string) => unknown
}

/** Clients of webhooks. Without a dialer no webhook behind a Service can be reached. */
export function createWebhookClients(options: WebhookClientsOptions): WebhookClients {
  const clients = new Map<string, WebhookClient & { agent: Agent }>()
  return {
    client(config) {
      const key = JSON.stringify([config.url, config.service, config.caBundle])
      const known = clients.get(key)
      if (known) return known
      const created = createClient(config, options)
      clients.set(key, created)
      // The oldest goes; whoever still calls through it ends its calls first.
      if (clients.size > maxClients) clients.delete(clients.keys().next().value!)
      return created
    },
    [Symbol.dispose]() {
      for (const { agent } of clients.values()) agent.destroy()
      clients.clear()
    },
  }
}

function createClient(
  config: WebhookClientConfig,
  { dialer, clock, parse = JSON.parse }: WebhookClientsOptions,
): WebhookClient & { agent: Agent } {
  const { service } = config
  const base = new URL(service ? serviceUrl(service) : (config.url ?? ''))
  const ca = config.caBundle ? Buffer.from(config.caBundle, 'base64').toString('utf8') : undefined
  const agent = new Agent({ keepAlive: true, maxFreeSockets: 25, ...(ca !== undefined && { ca }) })
  if (service) connectThrough(agent, { service, dialer, servername: base.hostname, ca })
  return {
    agent,
    async post(body, timeoutSeconds) {
      const url = new URL(base)
      url.searchParams.set('timeout', `${timeoutSeconds}s`)
      // Go prints the port that is the scheme's own, too, where the host was given with it.
      const shown = service ? `${serviceUrl(service)}${url.search}` : url.href
      const text = JSON.stringify(body)
      const deadline = new AbortController()
      const timer = clock.after(timeoutSeconds * 1000, () => deadline.abort())
      let answer: Answer
      try {
        answer = await send(url, { text, agent, signal: deadline.signal })
      } catch (error) {
        const isLate = deadline.signal.aborted
        throw new Error(
          `Post ${JSON.stringify(shown)}: ${isLate ? 'context deadline exceeded' : callFailure(error, url)}`,
          {
            cause: error,
          },
        )
      } finally {
        timer[Symbol.dispose]()
      }
      if (answer.code < 200 || answer.code > 206) throw new Error(serverFailure(answer.code, answer.text))
      return parseAnswer(answer.text, parse)
    },
  }
}

function serviceUrl({
  name,
  namespace,
  port = defaultPort,
  path,
}: NonNullable<WebhookClientConfig['service']>): string {
  return `https://${name}.${namespace}.svc:${port}${path?.startsWith('/') ? path : `/${path ?? ''}`}`
}

/** Makes an agent open its connections to the ready endpoints of a Service, under the Service's name. */
function connectThrough(
  agent: Agent,
  target: {
    service: NonNullable<WebhookClientConfig['service']>
    dialer: ServiceDialer | undefined
    servername: string
    ca: string | undefined
  },
): void {
  const { service, dialer, servername, ca } = target
  const open = async (): Promise<Duplex> => {
    if (!dialer) throw new Error('no way to Services from here')
    const { namespace, name, port = defaultPort } = service
    const socket = await dialer.dialService({ namespace, name, port })
    return connectTls({ socket, servername, ...(ca !== undefined && { ca }) })
  }
  agent.createConnection = (_options, callback) => {
    open().then(
      (socket) => callback?.(null, socket),
      // Node's type wants a stream even where there is an error.
      (error: Error) => callback?.(error, undefined as unknown as Duplex),
    )
    return undefined
  }
}

interface Answer {
  code: number
  text: string
}

function send(url: URL, call: { text: string; agent: Agent; signal: AbortSignal }): Promise<Answer> {
  const { text, agent, signal } = call
  return new Promise((resolve, reject) => {
    const outgoing = request(url, {
      method: 'POST',
      agent,
      signal,
      headers: {
        'content-type': 'application/json',
        accept: 'application/json, */*',
        'user-agent': 'kube-apiserver-admission',
        'content-length': Buffer.byteLength(text),
      },
    })
    outgoing.once('error', reject)
    outgoing.once('response', (response) => {
      readText(response).then((body) => resolve({ code: response.statusCode ?? 500, text: body }), reject)
    })
    outgoing.end(text)
  })
}

async function readText(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of response as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > maxResponseBytes) {
      response.destroy()
      throw new Error(`the response is larger than ${maxResponseBytes} bytes`)
    }
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

function parseAnswer(text: string, parse: (text: string) => unknown): Record<string, unknown> {
  let value: unknown
  try {
    value = parse(text)
  } catch (error) {
    const why = goJsonError(Buffer.from(text)) ?? (error as Error).message
    throw new Error(`couldn't get version/kind; json parse error: ${why}`, { cause: error })
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new Error("couldn't get version/kind; json parse error: the answer is not an object")
  }
  const { kind } = value as { kind?: unknown }
  if (kind === undefined || kind === '') throw new Error(`Object 'Kind' is missing in '${text.trim()}'`)
  return value as Record<string, unknown>
}
