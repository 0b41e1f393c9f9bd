import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Readable, Writable } from 'node:stream'
import type { Clock } from '../../util/clock.ts'
import { answer, hasBody, type Exchange } from './exchange.ts'
import { createIdleTimer } from './idle-timer.ts'

/** One request on its way to an endpoint, within the limits of its Ingress. */
export interface Relay {
  /** Whether it was given up here: what the endpoint's side says after that does not count. */
  readonly isOver: boolean
  /** Sends the body on; without one, only ends. */
  sendBody(): void
  /** Passes the answer's body back. */
  passBody(incoming: Readable): void
  /** Gives it up, with this answer where none has begun. */
  giveUp(status: number, text: string): void
}

/**
 * Watches over an exchange with an endpoint that is connected: 504 when nothing passes for too long, 413 when the body is larger than
 * it may be.
 */
export function createRelay(
  { request, settings }: Exchange,
  response: ServerResponse,
  upstream: Writable,
  clock: Clock,
): Relay {
  const { timeouts, maxBodyBytes } = settings
  const isSending = (): boolean => hasBody(request) && !request.readableEnded
  let isOver = false
  const timer = createIdleTimer(
    clock,
    () => (isSending() ? timeouts.sendMs : timeouts.readMs),
    () => giveUp(504, 'Gateway Time-out'),
  )
  response.once('close', () => timer[Symbol.dispose]())

  function giveUp(status: number, text: string): void {
    if (isOver) return
    isOver = true
    request.unpipe(upstream)
    // What still comes is read, or the caller would never look at the answer.
    request.resume()
    upstream.destroy()
    if (response.headersSent) response.destroy()
    else answer(response, status, text)
  }

  return {
    get isOver() {
      return isOver
    },
    sendBody() {
      if (!hasBody(request)) return void upstream.end()
      let bytes = 0
      request.on('data', (chunk: Buffer) => {
        timer.touch()
        bytes += chunk.length
        if (maxBodyBytes !== undefined && bytes > maxBodyBytes) giveUp(413, 'Request Entity Too Large')
      })
      request.pipe(upstream)
    },
    passBody(incoming) {
      timer.touch()
      incoming.on('data', timer.touch)
      incoming.on('error', () => response.destroy())
      incoming.once('close', () => {
        if (!incoming.readableEnded) response.destroy()
      })
      incoming.pipe(response)
    },
    giveUp,
  }
}

/** Whether a request says itself that its body is larger than it may be. */
export function isTooLarge({ headers }: IncomingMessage, { settings }: Pick<Exchange, 'settings'>): boolean {
  const { maxBodyBytes } = settings
  return maxBodyBytes !== undefined && Number(headers['content-length'] ?? 0) > maxBodyBytes
}
