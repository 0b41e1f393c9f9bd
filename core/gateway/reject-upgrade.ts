import { STATUS_CODES } from 'node:http'
import type { Duplex } from 'node:stream'
import type { Status } from '../api/status.ts'

/** Answers an upgrade request with a Status as plain HTTP and hangs up. */
export function rejectUpgrade(socket: Duplex, status: Status): void {
  if (socket.destroyed || socket.writableEnded) return
  const body = Buffer.from(JSON.stringify(status))
  const lines = [
    `HTTP/1.1 ${status.code} ${STATUS_CODES[status.code] ?? 'Error'}`,
    'Content-Type: application/json',
    `Content-Length: ${body.length}`,
    'Connection: close',
  ]
  socket.end(Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`), body]))
}
