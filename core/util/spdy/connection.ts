import type { Duplex } from 'node:stream'
import type { Clock } from '../clock.ts'
import {
  encodeControlFrame,
  encodeWords,
  flagFin,
  frameType,
  goAwayStatus,
  resetStatus,
  SpdyProtocolError,
} from './frames.ts'
import { FrameReader } from './frame-reader.ts'
import { HeaderBlockDecoder, HeaderBlockEncoder, type SpdyHeaders } from './header-block.ts'
import { SpdyStream, SpdyStreamError, type StreamCarrier } from './stream.ts'

export interface SpdyConnectionOptions {
  /** Any reliable byte stream: an upgraded socket, or a WebSocket that tunnels. */
  transport: Duplex
  role: 'client' | 'server'
  clock: Clock
  /** A stream the peer opened; it must be accepted or reset. Without it all are refused. */
  onStream?: (stream: SpdyStream) => void
}

const maxControlFrameBytes = 64 * 1024
const maxHeaderBytes = 128 * 1024
const maxStreams = 1000
/** Unsent bytes above which a peer that keeps asking for answers is cut off. */
const maxUnsentBytes = 8 * 1024 * 1024
/** How long a peer may take to hang up after our GOAWAY. */
const lingerMs = 5_000
const unidirectional = 2

/**
 * A SPDY/3.1 session (draft-mbelshe-httpbis-spdy-00) over `transport`. A peer that breaks the protocol or its limits gets
 * GOAWAY and is hung up on; no input makes it throw. Ends by itself when the transport does.
 */
export class SpdyConnection {
  /** Resolves once the transport is gone; streams the peer had not finished are destroyed by then. */
  readonly closed: Promise<void>
  readonly #options: SpdyConnectionOptions
  readonly #transport: Duplex
  readonly #streams = new Map<number, SpdyStream>()
  readonly #stalled = new Set<SpdyStream>()
  readonly #carrier: StreamCarrier
  readonly #decoder = new HeaderBlockDecoder(maxHeaderBytes)
  #lastPeerId = 0
  #nextId: number
  #waiting: Array<(error?: Error | null) => void> = []
  /** No further streams: a GOAWAY was sent or received, or the transport ends. */
  #isClosing = false
  #linger: Disposable | undefined

  constructor(options: SpdyConnectionOptions) {
    this.#options = options
    this.#transport = options.transport
    this.#nextId = options.role === 'client' ? 1 : 2
    this.#carrier = {
      encoder: new HeaderBlockEncoder(),
      send: (frames, done) => this.#send(frames, done),
      stalled: (stream, isStalled) => this.#setStalled(stream, isStalled),
      released: (stream) => void this.#streams.delete(stream.id),
    }
    this.closed = this.#listen()
  }

  /** Streams that are open now. */
  get streamCount(): number {
    return this.#streams.size
  }

  /** Opens a stream. Throws when the connection is closing. */
  openStream(headers: SpdyHeaders): SpdyStream {
    if (this.#isClosing) throw new Error('SPDY: the connection is closing')
    const stream = new SpdyStream(this.#carrier, this.#nextId, headers)
    this.#nextId += 2
    this.#streams.set(stream.id, stream)
    const prefix = Buffer.alloc(10)
    prefix.writeUInt32BE(stream.id)
    const payload = Buffer.concat([prefix, this.#carrier.encoder.encode(headers)])
    this.#send([encodeControlFrame(frameType.synStream, 0, payload)])
    return stream
  }

  /** Says GOAWAY, sends what is written so far and hangs up; the peer has five seconds to do the same. */
  close(status: number = goAwayStatus.ok): void {
    if (this.#linger || this.#transport.destroyed) return
    this.#isClosing = true
    this.#send([encodeWords(frameType.goAway, this.#lastPeerId, status)])
    this.#transport.end()
    this.#linger = this.#options.clock.after(lingerMs, () => this.#transport.destroy())
  }

  /** Drops the transport and every stream at once. */
  destroy(): void {
    this.#isClosing = true
    this.#transport.destroy()
  }

  #listen(): Promise<void> {
    const transport = this.#transport
    const reader = new FrameReader(
      {
        onControl: (frame) => this.#onControl(frame),
        onData: (piece) => {
          this.#streams
            .get(piece.streamId)
            ?.receive(piece.bytes, piece.isLast && (piece.flags & flagFin) !== 0)
        },
      },
      maxControlFrameBytes,
    )
    transport.on('data', (chunk: Buffer) => this.#guard(() => reader.push(chunk)))
    transport.on('drain', () => this.#settleWaiting())
    // A lost transport needs no report of its own: `close` follows and ends the streams.
    transport.on('error', () => undefined)
    transport.on('end', () => {
      if (!transport.writableEnded) transport.end()
      this.#isClosing = true
      this.#disconnectStreams('the peer hung up')
    })
    return new Promise((resolve) => {
      const onClose = (): void => {
        this.#isClosing = true
        this.#linger?.[Symbol.dispose]()
        this.#disconnectStreams('the connection was lost')
        this.#settleWaiting(new SpdyStreamError('SPDY: the connection was lost', 0))
        resolve()
      }
      if (transport.destroyed) queueMicrotask(onClose)
      else transport.once('close', onClose)
    })
  }

  #guard(work: () => void): void {
    // After our own GOAWAY the rest is read only so that the kernel does not reset the connection.
    if (this.#transport.destroyed || (this.#isClosing && this.#streams.size === 0)) return
    try {
      work()
    } catch (error) {
      this.#disconnectStreams(error instanceof Error ? error.message : String(error))
      this.close(error instanceof SpdyProtocolError ? goAwayStatus.protocolError : goAwayStatus.internalError)
    }
  }

  #onControl(frame: { type: number; flags: number; payload: Buffer }): void {
    const { payload } = frame
    switch (frame.type) {
      case frameType.synStream:
        return this.#onSynStream(frame)
      case frameType.synReply:
      case frameType.headers: {
        const headers = this.#decodeHeaders(payload, 4)
        const stream = this.#streams.get(payload.readUInt32BE(0))
        if (frame.type === frameType.synReply) stream?.emit('reply', headers)
        if ((frame.flags & flagFin) !== 0) stream?.receive(Buffer.alloc(0), true)
        return
      }
      case frameType.rstStream: {
        needLength(payload, 8)
        const status = payload.readUInt32BE(4)
        const error = new SpdyStreamError(`SPDY: the peer reset the stream (status ${status})`, status)
        this.#streams.get(payload.readUInt32BE(0))?.abort(error)
        return
      }
      case frameType.ping:
        return this.#onPing(payload)
      case frameType.goAway:
        this.#isClosing = true
        return
      default:
        // SETTINGS and WINDOW_UPDATE concern flow control, which this side leaves to the transport; the
        // specification has unknown types ignored.
        return
    }
  }

  #onSynStream(frame: { flags: number; payload: Buffer }): void {
    const headers = this.#decodeHeaders(frame.payload, 10)
    const id = frame.payload.readUInt32BE(0)
    const isPeersParity = id % 2 === (this.#options.role === 'server' ? 1 : 0)
    if (!isPeersParity || id <= this.#lastPeerId || id > 0x7fffffff) {
      throw new SpdyProtocolError(`stream id ${id} is out of order`)
    }
    this.#lastPeerId = id
    const { onStream } = this.#options
    const isRefused = this.#isClosing || this.#streams.size >= maxStreams || !onStream
    if (isRefused || (frame.flags & unidirectional) !== 0) {
      this.#send([encodeWords(frameType.rstStream, id, resetStatus.refusedStream)])
      this.#checkUnsent()
      return
    }
    const stream = new SpdyStream(this.#carrier, id, headers)
    this.#streams.set(id, stream)
    onStream(stream)
    if ((frame.flags & flagFin) !== 0) stream.receive(Buffer.alloc(0), true)
  }

  #decodeHeaders(payload: Buffer, offset: number): SpdyHeaders {
    if (payload.length < offset) throw new SpdyProtocolError('control frame is cut short')
    return this.#decoder.decode(payload.subarray(offset))
  }

  #onPing(payload: Buffer): void {
    needLength(payload, 4)
    const id = payload.readUInt32BE(0)
    const isPeers = id % 2 === (this.#options.role === 'server' ? 1 : 0)
    if (!isPeers) return
    this.#send([encodeWords(frameType.ping, id)])
    this.#checkUnsent()
  }

  #checkUnsent(): void {
    if (this.#transport.writableLength > maxUnsentBytes) this.#transport.destroy()
  }

  #send(frames: Buffer[], done?: (error?: Error | null) => void): void {
    const transport = this.#transport
    if (transport.destroyed || transport.writableEnded) {
      done?.(new SpdyStreamError('SPDY: the connection is closed', 0))
      return
    }
    transport.cork()
    for (const frame of frames) transport.write(frame)
    transport.uncork()
    if (!done) return
    if (transport.writableNeedDrain) this.#waiting.push(done)
    else done()
  }

  #settleWaiting(error?: Error): void {
    const waiting = this.#waiting
    this.#waiting = []
    for (const done of waiting) done(error ?? null)
  }

  #setStalled(stream: SpdyStream, isStalled: boolean): void {
    if (isStalled) this.#stalled.add(stream)
    else this.#stalled.delete(stream)
    if (this.#stalled.size > 0) this.#transport.pause()
    else if (this.#transport.isPaused()) this.#transport.resume()
  }

  #disconnectStreams(why: string): void {
    for (const stream of this.#streams.values()) stream.disconnect(new SpdyStreamError(`SPDY: ${why}`, 0))
  }
}

function needLength(payload: Buffer, length: number): void {
  if (payload.length !== length) throw new SpdyProtocolError(`control frame of ${payload.length} bytes`)
}
