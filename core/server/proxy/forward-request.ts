import {
  request as httpRequest,
  type ClientRequest,
  type IncomingMessage,
  type ServerResponse,
} from 'node:http'
import { pipeline } from 'node:stream/promises'
import { internalError, serviceUnavailable, StatusError } from '../../api/status.ts'
import type { Exchange } from '../exchange.ts'
import type { Destination } from './destination.ts'
import { requestHeaders, responseHeaders } from './forward-headers.ts'
import { isRewritable, rewriteBody, rewriteLink, type LinkContext } from './rewrite-links.ts'

/** HTML pages up to this size have their links rewritten. */
const maxHtmlBytes = 16 * 1024 * 1024

/**
 * Hands a request on, bodies as they come in both directions, and resolves when the answer has been handed back
 * (upstream: apimachinery/pkg/util/proxy UpgradeAwareHandler without an upgrade). A destination that cannot be reached is
 * a 503; failures of the dialer that are StatusErrors stay what they are.
 */
export async function forwardRequest(exchange: Exchange, destination: Destination): Promise<void> {
  const response = await exchangeHeads(exchange, destination)
  const { prefix } = destination
  const headers = responseHeaders(response.headers, prefix === undefined)
  const code = response.statusCode ?? 502
  const context: LinkContext = {
    prefix: prefix ?? '',
    host: exchange.header('host') ?? exchange.header(':authority') ?? '',
  }
  if (prefix !== undefined && typeof headers['location'] === 'string') {
    headers['location'] = rewriteLink(headers['location'], context)
  }
  headers['audit-id'] ??= exchange.auditId
  if (exchange.flow) {
    headers['x-kubernetes-pf-flowschema-uid'] = exchange.flow.schemaUid
    headers['x-kubernetes-pf-prioritylevel-uid'] = exchange.flow.levelUid
  }
  let page: Buffer | undefined
  if (prefix !== undefined && headers['location'] === undefined && isPage(response)) {
    const encoding = response.headers['content-encoding'] ?? ''
    page = await rewriteBody(await readPage(response), encoding, context)
    headers['content-length'] = String(page.length)
  }
  exchange.sent = { code, bytes: page?.length ?? 0 }
  exchange.audit?.started(code)
  const answer = exchange.response as ServerResponse
  answer.writeHead(code, headers)
  if (page) answer.end(page)
  else {
    // Events of a watch must not wait for more.
    answer.flushHeaders()
    exchange.onBegun?.()
    await pipeline(response, answer).catch(() => answer.destroy())
  }
}

/** Sends the request and gives the head of its answer. */
async function exchangeHeads(exchange: Exchange, destination: Destination): Promise<IncomingMessage> {
  const { request } = exchange
  const { agent, path } = destination
  try {
    const stream = agent ? undefined : await destination.connect()
    const outgoing: ClientRequest = httpRequest({
      method: exchange.method,
      path,
      headers: requestHeaders(request, destination),
      signal: exchange.signal,
      ...(agent ? { agent } : { createConnection: () => stream! }),
      setHost: false,
    })
    const answered = new Promise<IncomingMessage>((resolve, reject) => {
      outgoing.on('response', resolve)
      outgoing.on('error', reject)
    })
    request.pipe(outgoing)
    return await answered
  } catch (error) {
    if (error instanceof StatusError) throw error
    throw serviceUnavailable(destination.describeFailure(error))
  }
}

function isPage(response: IncomingMessage): boolean {
  const type = (response.headers['content-type'] ?? '').split(';')[0]!.trim().toLowerCase()
  return type === 'text/html' && isRewritable(response.headers['content-encoding'] ?? '')
}

async function readPage(response: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of response as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > maxHtmlBytes) throw internalError('the page is too large to have its links rewritten')
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}
