import type { wire } from './wire-reader.ts'

const two32 = 2 ** 32
/** Longer texts are copied by Node, which costs a call; shorter ones are written here, letter by letter. */
const shortText = 24
const usualBytes = 64 * 1024
/** A buffer that one huge object has made larger than this is not kept. */
const mostKeptBytes = 1024 * 1024

/**
 * Writes the protobuf wire format from the end to the beginning, as gogo's MarshalToSizedBuffer does: the length of what is
 * nested is known by the time it is written in front. One writer serves again and again; its buffer grows as needed.
 */
export class WireWriter {
  #buffer: Buffer
  #position: number

  constructor() {
    this.#buffer = Buffer.allocUnsafeSlow(usualBytes)
    this.#position = usualBytes
  }

  /** Bytes written so far. */
  get length(): number {
    return this.#buffer.length - this.#position
  }

  /** Forgets what was written. */
  reset(): void {
    if (this.#buffer.length > mostKeptBytes) this.#buffer = Buffer.allocUnsafeSlow(usualBytes)
    this.#position = this.#buffer.length
  }

  /** What was written, in place: gone with the next write. */
  view(): Buffer {
    return this.#buffer.subarray(this.#position)
  }

  /** A non-negative integer up to 2^53. */
  uint(value: number): void {
    if (value < 0x80) {
      this.#reserve(1)
      this.#buffer[--this.#position] = value
      return
    }
    this.#reserve(10)
    if (value < 0x4000) {
      this.#buffer[--this.#position] = value >>> 7
      this.#buffer[--this.#position] = (value & 0x7f) | 0x80
      return
    }
    let size = 1
    for (let rest = value; rest >= 0x80; rest = Math.floor(rest / 0x80)) size++
    this.#position -= size
    let at = this.#position
    let rest = value
    for (; rest >= two32; rest = Math.floor(rest / 0x80)) this.#buffer[at++] = (rest % 0x80) | 0x80
    for (let small = rest >>> 0; ; small >>>= 7) {
      if (small < 0x80) {
        this.#buffer[at] = small
        return
      }
      this.#buffer[at++] = (small & 0x7f) | 0x80
    }
  }

  /** A signed integer as 64 bits of two's complement; exact up to 2^53 either way, a BigInt beyond. */
  int(value: number | bigint): void {
    if (typeof value === 'number' && value >= 0) {
      this.uint(value)
      return
    }
    const bits = BigInt.asUintN(64, BigInt(value))
    let size = 1
    for (let rest = bits; rest >= 0x80n; rest >>= 7n) size++
    this.#reserve(size)
    this.#position -= size
    let rest = bits
    for (let at = this.#position; at < this.#position + size - 1; at++, rest >>= 7n) {
      this.#buffer[at] = Number(rest & 0x7fn) | 0x80
    }
    this.#buffer[this.#position + size - 1] = Number(rest)
  }

  double(value: number): void {
    this.#reserve(8)
    this.#position -= 8
    this.#buffer.writeDoubleLE(value, this.#position)
  }

  /** Bytes as they are. */
  raw(bytes: Uint8Array): void {
    this.#reserve(bytes.length)
    this.#position -= bytes.length
    this.#buffer.set(bytes, this.#position)
  }

  /** A text as UTF-8 with its length in front. */
  string(text: string): void {
    if (text.length > shortText || !this.#shortAscii(text)) {
      const size = Buffer.byteLength(text)
      this.#reserve(size)
      this.#position -= size
      this.#buffer.write(text, this.#position, size)
      this.uint(size)
    }
  }

  #shortAscii(text: string): boolean {
    const { length } = text
    this.#reserve(length + 1)
    const buffer = this.#buffer
    const start = this.#position - length
    for (let index = 0; index < length; index++) {
      const code = text.charCodeAt(index)
      if (code >= 0x80) return false
      buffer[start + index] = code
    }
    buffer[start - 1] = length
    this.#position = start - 1
    return true
  }

  /** Tag and length of the bytes that were written since the length was `before`. */
  wrap(tag: number, before: number): void {
    this.uint(this.length - before)
    this.uint(tag)
  }

  #reserve(size: number): void {
    if (size <= this.#position) return
    const { length } = this
    const grown = Buffer.allocUnsafeSlow(Math.max(2 * this.#buffer.length, length + size))
    grown.set(this.view(), grown.length - length)
    this.#buffer = grown
    this.#position = grown.length - length
  }
}

/** What stands in front of a field: its number and wire type. */
export function tagOf(number: number, type: (typeof wire)[keyof typeof wire]): number {
  return number * 8 + type
}
