import { WebSocket } from 'ws'
import { toStatusError } from './answers.ts'
import type { Upstream } from './upstream.ts'

/**
 * Sends the body of a GET to a page over its WebSocket (`/clusters/<id>/stream/…` of core/api/gateway.ts): binary frames
 * as the bytes come, or one text frame with a Status, then the close. Browsers give a page six HTTP/1.1 connections per
 * server, which a few followed logs and watches use up; WebSockets have their own, far higher limit. Never rejects.
 */
export async function serveStreamSocket(socket: WebSocket, upstream: Upstream, path: string): Promise<void> {
  const closed = new AbortController()
  socket.on('error', () => undefined)
  socket.once('close', () => closed.abort())
  try {
    const answer = await upstream.open({ path, signal: closed.signal })
    for await (const chunk of answer as AsyncIterable<Buffer>) await transmit(socket, chunk)
  } catch (error) {
    if (socket.readyState === WebSocket.OPEN)
      await transmit(socket, JSON.stringify(toStatusError(error).status))
  }
  socket.close(1000)
}

/** Waits until the frame is handed to the connection, so that a slow reader slows the answer down. */
function transmit(socket: WebSocket, data: Buffer | string): Promise<void> {
  return new Promise((resolve) => socket.send(data, () => resolve()))
}
