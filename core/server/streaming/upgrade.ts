import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import type { AuditRecord } from '../audit/audit-record.ts'
import type { Status } from '../../api/status.ts'

/** What an HTTP server gives for an upgrade request. */
export interface Upgrade {
  request: IncomingMessage
  socket: Duplex
  /** Bytes the client sent behind its request. */
  head: Buffer
  /** Names the request in the audit log and to the client; a kubelet's server has none. */
  auditId?: string
  /** What the audit log is to say about it. */
  audit?: AuditRecord | undefined
}

const phrases: Record<number, string> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  409: 'Conflict',
  500: 'Internal Server Error',
  503: 'Service Unavailable',
}

/** Answers an upgrade request with a Status as plain HTTP and hangs up. Must come before any other answer. */
export function rejectUpgrade(
  upgrade: Pick<Upgrade, 'socket' | 'auditId'>,
  status: Status,
  headers: Record<string, string> = {},
): void {
  const body = Buffer.from(`${JSON.stringify(status)}\n`)
  answerUpgrade(upgrade, {
    code: status.code,
    headers: { 'Cache-Control': 'no-cache, private', 'Content-Type': 'application/json', ...headers },
    body,
  })
}

/** The same with any answer. */
export function answerUpgrade(
  { socket, auditId }: Pick<Upgrade, 'socket' | 'auditId'>,
  { code, headers, body }: { code: number; headers: Record<string, string>; body: Uint8Array },
): void {
  if (socket.destroyed || socket.writableEnded) return
  const lines = [
    `HTTP/1.1 ${code} ${phrases[code] ?? 'Error'}`,
    ...(auditId === undefined ? [] : [`Audit-Id: ${auditId}`]),
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
    `Content-Length: ${body.length}`,
    'Connection: close',
  ]
  socket.end(Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`), body]))
}

/** Values of a header that holds a list, in order. */
export function headerList(request: IncomingMessage, name: string): string[] {
  const value = request.headers[name]
  const text = Array.isArray(value) ? value.join(',') : (value ?? '')
  return text
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '')
}

/** Whether this is a request to switch to `protocol` (`websocket`, `spdy/3.1`). */
export function isUpgradeTo(request: IncomingMessage, protocol: string): boolean {
  return headerList(request, 'upgrade').some((name) => name.toLowerCase() === protocol)
}
