import { Inflate } from 'pako'
import { SpdyProtocolError } from './frames.ts'
import { headerDictionary } from './header-dictionary.ts'

/** Header names are lower case; a repeated header's values are joined by NUL, as on the wire. */
export type SpdyHeaders = Record<string, string>

/** zlib's Z_SYNC_FLUSH: give out everything that the input so far decodes to. */
const syncFlush = 2

/** Decodes the header blocks of one direction of a connection; they share one zlib stream, so order matters. */
export class HeaderBlockDecoder {
  readonly #inflate: Inflate
  readonly #maxBytes: number
  #parts: Uint8Array[] = []
  #size = 0

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes
    this.#inflate = new Inflate({ dictionary: headerDictionary(), chunkSize: 4096 })
    this.#inflate.onData = (chunk) => this.#take(chunk)
  }

  /** Throws a SpdyProtocolError for broken zlib data, a malformed block, or one that grows above the limit. */
  decode(block: Uint8Array): SpdyHeaders {
    this.#parts = []
    this.#size = 0
    const done = this.#inflate.push(new Uint8Array(block), syncFlush)
    if (!done && this.#inflate.err !== 0) {
      throw new SpdyProtocolError(`header block: ${this.#inflate.msg || `zlib error ${this.#inflate.err}`}`)
    }
    return parseHeaders(Buffer.concat(this.#parts))
  }

  #take(chunk: Uint8Array): void {
    this.#size += chunk.length
    if (this.#size > this.#maxBytes) {
      throw new SpdyProtocolError(`header block inflates to more than ${this.#maxBytes} bytes`)
    }
    this.#parts.push(chunk)
  }
}

function parseHeaders(block: Buffer): SpdyHeaders {
  let offset = 0
  const word = (): number => {
    if (offset + 4 > block.length) throw new SpdyProtocolError('header block is cut short')
    offset += 4
    return block.readUInt32BE(offset - 4)
  }
  const text = (): string => {
    const length = word()
    if (length > block.length - offset) throw new SpdyProtocolError('header block is cut short')
    offset += length
    return block.toString('utf8', offset - length, offset)
  }
  const headers: SpdyHeaders = Object.create(null) as SpdyHeaders
  for (let count = word(); count > 0; count--) {
    const name = text().toLowerCase()
    headers[name] = text()
  }
  return headers
}

/** An empty stored block, as Z_SYNC_FLUSH writes it: Go's inflater gives nothing out before it sees one. */
const syncFlushBlock = Buffer.from([0, 0, 0, 0xff, 0xff])

/** Encodes the header blocks of one direction: one zlib stream of stored blocks, which every inflater reads. */
export class HeaderBlockEncoder {
  #started = false

  /** Throws a RangeError above 65,535 bytes, the size of one stored block. */
  encode(headers: SpdyHeaders): Buffer {
    const entries = Object.entries(headers)
    const parts: Buffer[] = [uint32(entries.length)]
    for (const [name, value] of entries) {
      for (const text of [name.toLowerCase(), value]) {
        const bytes = Buffer.from(text, 'utf8')
        parts.push(uint32(bytes.length), bytes)
      }
    }
    const plain = Buffer.concat(parts)
    if (plain.length > 0xffff) throw new RangeError(`header block of ${plain.length} bytes is too large`)
    const stored = Buffer.from([0, 0, 0, 0, 0])
    stored.writeUInt16LE(plain.length, 1)
    stored.writeUInt16LE(~plain.length & 0xffff, 3)
    const zlibHeader = this.#started ? [] : [Buffer.from([0x78, 0x01])]
    this.#started = true
    return Buffer.concat([...zlibHeader, stored, plain, syncFlushBlock])
  }
}

function uint32(value: number): Buffer {
  const bytes = Buffer.allocUnsafe(4)
  bytes.writeUInt32BE(value)
  return bytes
}
