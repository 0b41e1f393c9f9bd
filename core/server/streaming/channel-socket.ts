import { Readable, Writable } from 'node:stream'
import type { WebSocket } from 'ws'

/** How a subprotocol of the `channel.k8s.io` family frames its messages. */
export interface ChannelFraming {
  /** Text messages: a digit, then base64 (`base64.channel.k8s.io`); else binary ones: a byte, then the bytes. */
  isBase64: boolean
  /** Channel 255 half-closes the channel named in its payload (v5 only). */
  hasCloseSignal: boolean
}

const closeChannel = 255
const maxUnreadBytes = 1024 * 1024

/**
 * Several byte streams over one WebSocket, each message led by its channel number (upstream: apimachinery
 * pkg/util/httpstream/wsstream). A reader that is slow by more than 1 MiB stops the socket; messages on channels that
 * nobody reads are dropped.
 */
export class ChannelSocket {
  /** Resolves when the WebSocket is closed, by whichever side. */
  readonly closed: Promise<void>
  readonly #webSocket: WebSocket
  readonly #framing: ChannelFraming
  readonly #readers = new Map<number, Readable>()
  readonly #listeners = new Map<number, (bytes: Buffer) => void>()
  readonly #full = new Set<number>()

  constructor(webSocket: WebSocket, framing: ChannelFraming) {
    this.#webSocket = webSocket
    this.#framing = framing
    webSocket.on('message', (message) => this.#receive(message as Buffer))
    this.closed = new Promise((resolve) =>
      webSocket.once('close', () => {
        for (const reader of this.#readers.values()) reader.push(null)
        resolve()
      }),
    )
  }

  /** The bytes arriving on a channel; ends at the peer's close signal or with the socket. */
  readable(channel: number): Readable {
    const reader = new Readable({
      highWaterMark: maxUnreadBytes,
      read: () => this.#setFull(channel, false),
      destroy: (error, done) => {
        this.#readers.delete(channel)
        this.#setFull(channel, false)
        done(error)
      },
    })
    this.#readers.set(channel, reader)
    return reader
  }

  /** Each message on a channel, whole. */
  onMessage(channel: number, listener: (bytes: Buffer) => void): void {
    this.#listeners.set(channel, listener)
  }

  /** Writes go out as messages on a channel; each waits until the socket has taken it. */
  writable(channel: number): Writable {
    return new Writable({ write: (chunk: Buffer, _encoding, done) => this.#send(channel, chunk, done) })
  }

  /** Sends one message, even an empty one. Resolves when the socket has taken it or is gone. */
  send(channel: number, bytes: Uint8Array): Promise<void> {
    return new Promise((resolve) => this.#send(channel, bytes, () => resolve()))
  }

  /** Ends the WebSocket with a close handshake. */
  close(code = 1000): void {
    this.#webSocket.resume()
    this.#webSocket.close(code)
  }

  #send(channel: number, bytes: Uint8Array, done: (error?: Error | null) => void): void {
    const message = this.#framing.isBase64
      ? `${channel}${Buffer.from(bytes).toString('base64')}`
      : Buffer.concat([Buffer.from([channel]), bytes])
    this.#webSocket.send(message, (error) => done(error ?? null))
  }

  #receive(message: Buffer): void {
    const channel = this.#framing.isBase64 ? (message[0] ?? 0) - 48 : message[0]
    if (channel === undefined) return
    const bytes = this.#framing.isBase64
      ? Buffer.from(message.toString('latin1', 1), 'base64')
      : message.subarray(1)
    if (channel === closeChannel) {
      if (this.#framing.hasCloseSignal) this.#readers.get(bytes[0] ?? closeChannel)?.push(null)
      return
    }
    this.#listeners.get(channel)?.(bytes)
    const reader = this.#readers.get(channel)
    if (reader && bytes.length > 0 && !reader.readableEnded && !reader.push(bytes)) {
      this.#setFull(channel, true)
    }
  }

  #setFull(channel: number, isFull: boolean): void {
    if (isFull) this.#full.add(channel)
    else this.#full.delete(channel)
    if (this.#full.size > 0) this.#webSocket.pause()
    else if (this.#webSocket.isPaused) this.#webSocket.resume()
  }
}
