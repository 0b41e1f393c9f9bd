import { request as httpRequest, type IncomingMessage } from 'node:http'
import type { APIService } from '../../api/api-service.ts'
import type { UserInfo } from '../../api/request.ts'
import type { Clock } from '../../util/clock.ts'
import type { Destination } from '../proxy/destination.ts'
import { createServiceAgent, type ServiceAgentOptions } from './service-agent.ts'

/** An answer of an extension API server, read to its end. */
export interface RemoteAnswer {
  code: number
  headers: IncomingMessage['headers']
  body: Buffer
}

export interface RemoteQuestion {
  timeoutMs: number
  /** The answer may be a 304 when the document still has this ETag. */
  ifNoneMatch?: string | undefined
}

/** One group version that an extension API server serves. */
export interface RemoteApi {
  readonly object: APIService
  /** Where a request of this user is handed on to. */
  destination(user: UserInfo, path: string): Destination
  /** Asks on the aggregator's own behalf. Rejects with an Error after `timeoutMs`, or when it cannot be reached. */
  get(path: string, ask: RemoteQuestion): Promise<RemoteAnswer>
  close(): void
}

/** The aggregator as a user (upstream: it may do anything). */
const aggregator: UserInfo = { name: 'system:kube-aggregator', groups: ['system:masters'] }
const maxAnswerBytes = 32 * 1024 * 1024

/** Header fields that tell an extension API server who asks (upstream: transport.SetAuthProxyHeaders). */
function identityHeaders(user: UserInfo): Record<string, string | string[]> {
  const headers: Record<string, string | string[]> = {
    'X-Remote-User': user.name,
    'X-Remote-Group': user.groups,
  }
  if (user.uid) headers['X-Remote-Uid'] = user.uid
  for (const [key, values] of Object.entries(user.extra ?? {})) {
    headers[`X-Remote-Extra-${encodeURIComponent(key).toLowerCase()}`] = values
  }
  return headers
}

/** Creates the way to what an APIService with a Service stands for. */
export function createRemoteApi(
  object: APIService,
  options: ServiceAgentOptions & { clock: Clock },
): RemoteApi {
  const { agent, connect, host } = createServiceAgent(object.spec, options)
  const describeFailure = (error: unknown): string =>
    `error trying to reach service: ${error instanceof Error ? error.message : String(error)}`
  return {
    object,
    destination: (user, path) => ({
      connect,
      agent,
      path,
      host,
      headers: { ...identityHeaders(user), 'x-forwarded-uri': path.split('?')[0]! },
      describeFailure,
    }),
    async get(path, { timeoutMs, ifNoneMatch }) {
      const deadline = new AbortController()
      const timer = options.clock.after(timeoutMs, () => deadline.abort())
      try {
        const response = await new Promise<IncomingMessage>((resolve, reject) => {
          const headers = {
            host,
            accept: 'application/json',
            ...(ifNoneMatch === undefined ? {} : { 'if-none-match': ifNoneMatch }),
            ...identityHeaders(aggregator),
          }
          httpRequest({ agent, path, headers, setHost: false, signal: deadline.signal })
            .on('response', resolve)
            .on('error', reject)
            .end()
        })
        return { code: response.statusCode ?? 0, headers: response.headers, body: await read(response) }
      } catch (error) {
        const url = `https://${host}${path}`
        const why = deadline.signal.aborted ? 'context deadline exceeded' : (error as Error).message
        throw new Error(`Get ${JSON.stringify(url)}: ${why}`, { cause: error })
      } finally {
        timer[Symbol.dispose]()
      }
    },
    close: () => agent.destroy(),
  }
}

async function read(response: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of response as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > maxAnswerBytes) throw new Error(`the answer is larger than ${maxAnswerBytes} bytes`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}
