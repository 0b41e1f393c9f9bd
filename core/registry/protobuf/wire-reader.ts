import { exactInteger } from '../../api/exact-json.ts'

/** Bytes that are no protobuf message of the expected shape. */
export class WireError extends Error {}

const two32 = 2 ** 32

/** Wire types (protobuf encoding guide). */
export const wire = { varint: 0, fixed64: 1, bytes: 2, fixed32: 5 } as const

/** Reads the protobuf wire format from a part of a buffer. Every read checks its bounds and throws WireError. */
export class WireReader {
  readonly #buffer: Buffer
  #position: number
  #end: number

  constructor(buffer: Buffer, start = 0, end = buffer.length) {
    this.#buffer = buffer
    this.#position = start
    this.#end = end
  }

  get done(): boolean {
    return this.#position >= this.#end
  }

  /** Field number and wire type of the next field. */
  tag(): { field: number; type: number } {
    const value = this.uint()
    const field = Math.floor(value / 8)
    if (field < 1 || field > 2 ** 29 - 1) throw new WireError(`illegal tag ${field}`)
    return { field, type: value % 8 }
  }

  /** An unsigned varint; exact up to 2^53. */
  uint(): number {
    let { low, high } = this.#varint()
    low >>>= 0
    high >>>= 0
    return high * two32 + low
  }

  /** A varint as a signed 64-bit number; exact up to 2^53. */
  int(): number {
    const { low, high } = this.#varint()
    return (high | 0) * two32 + (low >>> 0)
  }

  /** A varint as a signed 64-bit number, exact. */
  int64(): number | bigint {
    const { low, high } = this.#varint()
    const value = (high | 0) * two32 + (low >>> 0)
    return Number.isSafeInteger(value) ? value : exactInteger((BigInt(high | 0) << 32n) | BigInt(low >>> 0))
  }

  bool(): boolean {
    const { low, high } = this.#varint()
    return low !== 0 || high !== 0
  }

  double(): number {
    return this.#buffer.readDoubleLE(this.#take(8))
  }

  string(): string {
    const length = this.uint()
    const start = this.#take(length)
    return this.#buffer.toString('utf8', start, start + length)
  }

  bytes(): Buffer {
    const length = this.uint()
    const start = this.#take(length)
    return this.#buffer.subarray(start, start + length)
  }

  /** A reader of a nested message. */
  message(): WireReader {
    const length = this.uint()
    const start = this.#take(length)
    return new WireReader(this.#buffer, start, start + length)
  }

  /** Passes over a value that nobody wants. */
  skip(type: number): void {
    switch (type) {
      case wire.varint:
        this.#varint()
        return
      case wire.fixed64:
        this.#take(8)
        return
      case wire.bytes:
        this.#take(this.uint())
        return
      case wire.fixed32:
        this.#take(4)
        return
      default:
        throw new WireError(`illegal wireType ${type}`)
    }
  }

  #take(length: number): number {
    const start = this.#position
    if (length > this.#end - start) throw new WireError('unexpected EOF')
    this.#position = start + length
    return start
  }

  #varint(): { low: number; high: number } {
    let low = 0
    let high = 0
    for (let shift = 0; shift < 70; shift += 7) {
      const byte = this.#buffer[this.#take(1)]!
      const bits = byte & 0x7f
      if (shift < 28) low |= bits << shift
      else if (shift === 28) {
        low |= bits << 28
        high |= bits >> 4
      } else high |= bits << (shift - 32)
      if (byte < 0x80) return { low, high }
    }
    throw new WireError('integer overflow')
  }
}
