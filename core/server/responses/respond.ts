import type { ServerResponse } from 'node:http'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import type { Exchange } from '../exchange.ts'
import type { Piece } from './pieces.ts'
import type { SlabPool } from './slab-pool.ts'
import { drained } from '../../util/drained.ts'

/** An answer ready to be sent. */
export interface Answer {
  code: number
  /** Left out where there is no body. */
  contentType?: string
  body: Uint8Array | string
  headers?: Record<string, string | string[]>
  /** The body's gzip form when it is kept somewhere; else large bodies are compressed as asked. */
  gzipped?: Uint8Array
  /** The body is sent as it is: the headers say how it is encoded. */
  isEncoded?: boolean
}

/** Bodies from this size on are compressed for clients that take gzip (upstream: defaultGzipThresholdBytes). */
export const gzipThresholdBytes = 128 * 1024
const gzipAsync = promisify(gzip)

/** Whether the client takes gzip (upstream looks for the word, as this does, and honours `q=0`). */
export function acceptsGzip(exchange: Exchange): boolean {
  const header = exchange.header('accept-encoding')
  return (
    header !== undefined && /(?:^|,)\s*(?:x-)?gzip\s*(?:,|;(?!\s*q=0(?:\.0*)?\s*(?:,|$))|$)/i.test(header)
  )
}

/** The `Warning` headers of an exchange: `299 - "text"` each (RFC 7234 §5.5), at most 4 KiB of them. */
function warningHeaders(exchange: Exchange): string[] {
  const headers: string[] = []
  let room = 4096
  for (const warning of exchange.warnings) {
    const text = encodeWarning(warning)
    room -= text.length
    if (room < 0) break
    headers.push(text)
  }
  return headers
}

function encodeWarning(warning: string): string {
  // Header values carry visible Latin-1 only; anything else is dropped or shown as a question mark.
  const clean = warning.replace(/\s/g, ' ').replace(/[^\u0020-\u007e]/g, '?')
  return `299 - "${clean.replace(/[\\"]/g, '\\$&')}"`
}

/** Headers that every answer carries. */
function baseHeaders(exchange: Exchange, contentType?: string): Record<string, string | string[]> {
  const headers: Record<string, string | string[]> = {
    'audit-id': exchange.auditId,
    ...(contentType !== undefined && { 'content-type': contentType }),
    'cache-control': 'no-cache, private',
  }
  if (exchange.flow) {
    headers['x-kubernetes-pf-flowschema-uid'] = exchange.flow.schemaUid
    headers['x-kubernetes-pf-prioritylevel-uid'] = exchange.flow.levelUid
  }
  if (exchange.warnings.size > 0) headers['warning'] = warningHeaders(exchange)
  return headers
}

/** Sends a complete answer. Does nothing when one has been sent already or the client is gone. */
export async function respond(exchange: Exchange, answer: Answer): Promise<void> {
  const headers = { ...baseHeaders(exchange, answer.contentType), ...answer.headers }
  let body = typeof answer.body === 'string' ? Buffer.from(answer.body) : answer.body
  if (exchange.audit?.wantsResponse && answer.contentType === 'application/json') {
    exchange.audit.responseObject(Buffer.from(body).toString())
  }
  if (!answer.isEncoded && (body.length >= gzipThresholdBytes || answer.gzipped)) {
    if (acceptsGzip(exchange)) {
      headers['vary'] = 'Accept-Encoding'
      body = answer.gzipped ?? (await gzipAsync(body, { level: 1 }))
      headers['content-encoding'] = 'gzip'
    }
  }
  send(exchange, { code: answer.code, headers, body })
}

function send(
  exchange: Exchange,
  answer: { code: number; headers: Record<string, string | string[]>; body: Uint8Array },
): void {
  const { response } = exchange
  if (response.headersSent || exchange.isGone) return
  exchange.sent = { code: answer.code, bytes: answer.body.length }
  const hasBody = answer.code !== 304 && answer.code !== 204
  if (hasBody) answer.headers['content-length'] = String(answer.body.length)
  writeHead(exchange, answer.code, answer.headers)
  if (!hasBody || exchange.method === 'HEAD') response.end()
  else response.end(answer.body)
}

/** Starts an answer whose body follows piece by piece. */
export function startStream(exchange: Exchange, contentType: string): void {
  exchange.sent = { code: 200, bytes: 0 }
  writeHead(exchange, 200, baseHeaders(exchange, contentType))
  exchange.onBegun?.()
}

/** A body that is made while it is sent, so that a large one never lies in memory as a whole. */
export interface PiecewiseAnswer {
  contentType: string
  contentLength: number
  /** Of any size, texts as UTF-8; taken only as far as the client has room. What fits in a slab may be gone with the next. */
  pieces: Iterable<Piece>
  slabs: SlabPool
}

/** Sends 200 with a body in pieces; resolves when the last one is handed over or the client is gone. */
export async function respondInPieces(exchange: Exchange, answer: PiecewiseAnswer): Promise<void> {
  if (exchange.response.headersSent || exchange.isGone) return
  const response = exchange.response as ServerResponse
  exchange.sent = { code: 200, bytes: answer.contentLength }
  const headers = baseHeaders(exchange, answer.contentType)
  writeHead(exchange, 200, {
    ...headers,
    'content-length': String(answer.contentLength),
  })
  if (exchange.method !== 'HEAD') {
    for (const write of packed(response, answer)) {
      if (write()) continue
      await drained(response)
      if (exchange.isGone) return
    }
  }
  response.end()
}

/** Gathers pieces in slabs and gives one write for each; a write says whether there is room for another. */
function* packed(response: ServerResponse, answer: PiecewiseAnswer): Generator<() => boolean> {
  const { slabs } = answer
  let slab: Buffer | undefined
  let length = 0
  const flush = (full: Buffer, end: number) => (): boolean =>
    // After a failed write something below may still hold on to the bytes: such a slab is left to the collector.
    response.write(full.subarray(0, end), (error) => {
      if (!error) slabs.give(full)
    })
  for (const piece of answer.pieces) {
    const size = typeof piece === 'string' ? Buffer.byteLength(piece) : piece.length
    // Copied before anyone else has a turn.
    let full: (() => boolean) | undefined
    if (slab && length + size > slabs.slabBytes) {
      full = flush(slab, length)
      slab = undefined
    }
    if (size > slabs.slabBytes) {
      if (full) yield full
      yield () => response.write(piece)
      continue
    }
    if (!slab) {
      slab = slabs.take()
      length = 0
    }
    if (typeof piece === 'string') slab.write(piece, length)
    else slab.set(piece, length)
    length += size
    if (full) yield full
  }
  if (slab) yield flush(slab, length)
}

function writeHead(exchange: Exchange, code: number, headers: Record<string, string | string[]>): void {
  exchange.audit?.started(code)
  const response = exchange.response as { writeHead(code: number, headers: object): unknown }
  response.writeHead(code, headers)
}
