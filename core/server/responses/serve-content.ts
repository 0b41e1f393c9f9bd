import { promisify } from 'node:util'
import { gunzip } from 'node:zlib'
import type { Exchange } from '../exchange.ts'
import { acceptsGzip, respond, type Answer } from './respond.ts'

/** A body with what names its state, plain or kept in gzip form. */
export interface Content {
  contentType: string
  body: { plain: Uint8Array } | { gzipped: Uint8Array }
  lastModified: Date
  /** With its quotes; undefined for what has none. */
  etag?: string
  headers?: Record<string, string | string[]>
  /** Whether the body was made for this request, so that its date tells nothing of its state. */
  isMadeNow?: boolean
  /** Whether the gzip form is sent to those who take it. */
  isGzipOffered?: boolean
}

const gunzipAsync = promisify(gunzip)

/** Sends a body or the part of it that is asked for, or 304 to a client that has it in the same state (upstream: Go's http.ServeContent). */
export async function serveContent(exchange: Exchange, content: Content): Promise<void> {
  const { contentType, body, etag, lastModified } = content
  const headers = { ...content.headers, ...(etag !== undefined && { etag }) }
  if (isKnown(exchange, content)) return respond(exchange, { code: 304, body: '', headers })
  const answer: Answer = {
    code: 200,
    contentType,
    body: '',
    isEncoded: true,
    headers: { ...headers, 'accept-ranges': 'bytes', 'last-modified': lastModified.toUTCString() },
  }
  if ('gzipped' in body && content.isGzipOffered && acceptsGzip(exchange)) {
    const encoded = { ...answer.headers, 'content-encoding': 'gzip' }
    return respond(exchange, { ...answer, body: body.gzipped, headers: encoded })
  }
  const plain = 'plain' in body ? body.plain : await gunzipAsync(body.gzipped)
  return respond(exchange, { ...answer, body: plain, ...partOf(exchange, answer, plain) })
}

function isKnown(exchange: Exchange, { etag, lastModified, isMadeNow }: Content): boolean {
  const tags = exchange.header('if-none-match')
  if (tags !== undefined && tags !== '') {
    return tags.split(',').some((tag) => tag.trim() === '*' || tag.trim().replace(/^W\//, '') === etag)
  }
  if (isMadeNow) return false
  const since = Date.parse(exchange.header('if-modified-since') ?? '')
  return !Number.isNaN(since) && Math.floor(lastModified.getTime() / 1000) * 1000 <= since
}

/** What is otherwise where one range of a body is asked for; several, and ranges of another state, are not told apart. */
function partOf(exchange: Exchange, { headers }: Answer, plain: Uint8Array): Partial<Answer> {
  const [, from = '', to = ''] = /^bytes=(\d*)-(\d*)$/.exec(exchange.header('range') ?? '') ?? []
  if ((from === '' && to === '') || exchange.header('if-range') !== undefined) return {}
  const { length } = plain
  const start = from === '' ? Math.max(0, length - Number(to)) : Number(from)
  const end = from === '' || to === '' ? length : Math.min(length, Number(to) + 1)
  if (start >= length || start >= end) {
    return {
      code: 416,
      contentType: 'text/plain; charset=utf-8',
      body: 'invalid range: failed to overlap\n',
      headers: { 'content-range': `bytes */${length}`, 'x-content-type-options': 'nosniff' },
    }
  }
  return {
    code: 206,
    body: plain.subarray(start, end),
    headers: { ...headers, 'content-range': `bytes ${start}-${end - 1}/${length}` },
  }
}
