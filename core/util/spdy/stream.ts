import { Duplex } from 'node:stream'
import {
  encodeControlFrame,
  encodeDataFrame,
  encodeWords,
  flagFin,
  frameType,
  resetStatus,
} from './frames.ts'
import type { HeaderBlockEncoder, SpdyHeaders } from './header-block.ts'

/** What a stream needs of its connection. */
export interface StreamCarrier {
  readonly encoder: HeaderBlockEncoder
  /** Sends frames in order; `done` runs once the transport takes more, or with the error that ended it. */
  send(frames: Buffer[], done?: (error?: Error | null) => void): void
  /** The stream takes no more for now, or takes again. */
  stalled(stream: SpdyStream, isStalled: boolean): void
  released(stream: SpdyStream): void
}

/** Largest DATA frame sent. */
const maxFrameBytes = 16 * 1024
/** Unread bytes of one stream above which its connection stops reading. */
const maxUnreadBytes = 1024 * 1024
/** Bytes taken before the peer is told so; half the initial window of SPDY/3.1. */
const windowUpdateBytes = 32 * 1024

/** The peer reset this stream, or its connection went away under it. */
export class SpdyStreamError extends Error {
  /** The RST_STREAM status, 0 when the connection was lost. */
  readonly resetStatus: number
  constructor(message: string, status: number) {
    super(message)
    this.name = 'SpdyStreamError'
    this.resetStatus = status
  }
}

/**
 * One SPDY stream as a Duplex: `end()` half-closes (FIN), `destroy()` before both sides ended resets it. Emits `reply`
 * with the headers of the peer's SYN_REPLY. Peers of Kubernetes do no SPDY flow control, so writes wait for the
 * transport only; reads announce windows and stop the whole connection when 1 MiB waits unread.
 */
export class SpdyStream extends Duplex {
  readonly id: number
  /** Headers of the SYN_STREAM that opened it. */
  readonly headers: SpdyHeaders
  readonly #carrier: StreamCarrier
  #isRemoteOpen = true
  #isReset = false
  #unannounced = 0
  #isStalled = false

  constructor(carrier: StreamCarrier, id: number, headers: SpdyHeaders) {
    super({ readableHighWaterMark: 64 * 1024, writableHighWaterMark: 64 * 1024 })
    this.#carrier = carrier
    this.id = id
    this.headers = headers
    // A peer that resets a stream nobody listens to yet must not end the process.
    this.on('error', () => undefined)
  }

  /** Answers the peer's SYN_STREAM. */
  accept(headers: SpdyHeaders = {}): void {
    const payload = Buffer.concat([word(this.id), this.#carrier.encoder.encode(headers)])
    this.#carrier.send([encodeControlFrame(frameType.synReply, 0, payload)])
  }

  /** Resets the stream with a status of `resetStatus`. */
  reset(status: number): void {
    if (this.#isReset || this.destroyed) return
    this.#isReset = true
    this.#carrier.send([encodeWords(frameType.rstStream, this.id, status)])
    this.destroy()
  }

  /** For the connection: bytes that arrived. */
  receive(bytes: Buffer, isFin: boolean): void {
    if (!this.#isRemoteOpen || this.destroyed) return
    if (bytes.length > 0) {
      this.#unannounced += bytes.length
      if (this.push(bytes)) this.#announce()
      else this.#setStalled(this.readableLength > maxUnreadBytes)
    }
    if (isFin) {
      this.#isRemoteOpen = false
      this.push(null)
    }
  }

  /** For the connection: the peer reset this stream. */
  abort(error: SpdyStreamError): void {
    this.#isReset = true
    this.destroy(error)
  }

  /** For the connection: it is gone. What the peer had sent completely can still be read. */
  disconnect(error: SpdyStreamError): void {
    if (this.#isRemoteOpen || this.readableEnded) this.abort(error)
    else this.once('end', () => this.abort(error))
  }

  override _read(): void {
    this.#setStalled(false)
    this.#announce()
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    const frames: Buffer[] = []
    for (let offset = 0; offset < chunk.length; offset += maxFrameBytes) {
      frames.push(encodeDataFrame(this.id, 0, chunk.subarray(offset, offset + maxFrameBytes)))
    }
    this.#carrier.send(frames, done)
  }

  override _final(done: (error?: Error | null) => void): void {
    this.#carrier.send([encodeDataFrame(this.id, flagFin, new Uint8Array())], done)
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    const isClean = this.writableFinished && !this.#isRemoteOpen
    if (!isClean && !this.#isReset) {
      this.#isReset = true
      this.#carrier.send([encodeWords(frameType.rstStream, this.id, resetStatus.cancel)])
    }
    this.#setStalled(false)
    this.#carrier.released(this)
    done(error)
  }

  #announce(): void {
    if (this.#unannounced < windowUpdateBytes || !this.#isRemoteOpen) return
    const frames = [this.id, 0].map((id) => encodeWords(frameType.windowUpdate, id, this.#unannounced))
    this.#unannounced = 0
    this.#carrier.send(frames)
  }

  #setStalled(isStalled: boolean): void {
    if (this.#isStalled === isStalled) return
    this.#isStalled = isStalled
    this.#carrier.stalled(this, isStalled)
  }
}

function word(value: number): Buffer {
  const bytes = Buffer.allocUnsafe(4)
  bytes.writeUInt32BE(value)
  return bytes
}
