import { SpdyProtocolError } from './frames.ts'

export interface FrameHandler {
  onControl(frame: { type: number; flags: number; payload: Buffer }): void
  /** A piece of a DATA frame, as it arrives; `isLast` with the frame's last (perhaps empty) piece. */
  onData(piece: { streamId: number; bytes: Buffer; isLast: boolean; flags: number }): void
}

interface DataFrame {
  streamId: number
  flags: number
  remaining: number
}

/**
 * Cuts a byte stream into frames. DATA frames of any size pass through in pieces and are never gathered; control frames
 * above `maxControlBytes` and versions other than 3 throw a SpdyProtocolError.
 */
export class FrameReader {
  readonly #handler: FrameHandler
  readonly #maxControlBytes: number
  #pending: Buffer[] = []
  #pendingBytes = 0
  /** Bytes needed before the pending ones can be read. */
  #wanted = 8
  #data: DataFrame | undefined

  constructor(handler: FrameHandler, maxControlBytes: number) {
    this.#handler = handler
    this.#maxControlBytes = maxControlBytes
  }

  /** Takes the next bytes; calls the handler for each frame or piece in order. */
  push(chunk: Buffer): void {
    let rest = chunk
    while (rest.length > 0) {
      rest = this.#data ? this.#readData(this.#data, rest) : this.#readHeaderOrControl(rest)
    }
  }

  #readData(frame: DataFrame, chunk: Buffer): Buffer {
    const bytes = chunk.subarray(0, frame.remaining)
    frame.remaining -= bytes.length
    const isLast = frame.remaining === 0
    if (isLast) this.#data = undefined
    this.#handler.onData({ streamId: frame.streamId, bytes, isLast, flags: frame.flags })
    return chunk.subarray(bytes.length)
  }

  #readHeaderOrControl(chunk: Buffer): Buffer {
    const missing = this.#wanted - this.#pendingBytes
    const taken = chunk.subarray(0, missing)
    this.#pending.push(taken)
    this.#pendingBytes += taken.length
    const rest = chunk.subarray(taken.length)
    if (this.#pendingBytes < this.#wanted) return rest
    const block = this.#pending.length === 1 ? this.#pending[0]! : Buffer.concat(this.#pending)
    const length = block.readUInt32BE(4) & 0xffffff
    const isControl = (block[0]! & 0x80) !== 0
    if (!isControl) this.#startData(block, length)
    else if (block.length === 8 && this.#wantControl(block, length)) return rest
    else this.#finishControl(block)
    return rest
  }

  #startData(header: Buffer, length: number): void {
    this.#reset()
    const streamId = header.readUInt32BE(0)
    const flags = header[4]!
    if (length > 0) this.#data = { streamId, flags, remaining: length }
    else this.#handler.onData({ streamId, bytes: Buffer.alloc(0), isLast: true, flags })
  }

  /** Checks a control frame's header; whether its payload is still to come. */
  #wantControl(header: Buffer, length: number): boolean {
    if ((header.readUInt16BE(0) & 0x7fff) !== 3) throw new SpdyProtocolError('only version 3 is spoken')
    if (length > this.#maxControlBytes) {
      throw new SpdyProtocolError(
        `control frame of ${length} bytes, at most ${this.#maxControlBytes} are taken`,
      )
    }
    this.#pending = [header]
    this.#wanted = 8 + length
    return length > 0
  }

  #finishControl(block: Buffer): void {
    this.#reset()
    this.#handler.onControl({ type: block.readUInt16BE(2), flags: block[4]!, payload: block.subarray(8) })
  }

  #reset(): void {
    this.#pending = []
    this.#pendingBytes = 0
    this.#wanted = 8
  }
}
