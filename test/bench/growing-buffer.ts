/** Bytes put one after the other, in memory that is used again after `clear`. */
export class GrowingBuffer {
  #bytes: Buffer = Buffer.allocUnsafeSlow(16 * 1024)
  #length = 0

  get length(): number {
    return this.#length
  }

  append(bytes: Uint8Array): void {
    this.reserve(this.#length + bytes.length)
    this.#bytes.set(bytes, this.#length)
    this.#length += bytes.length
  }

  /** Makes room for so many bytes in all. */
  reserve(bytes: number): void {
    if (bytes <= this.#bytes.length) return
    const larger = Buffer.allocUnsafeSlow(Math.max(bytes, 2 * this.#bytes.length))
    this.#bytes.copy(larger, 0, 0, this.#length)
    this.#bytes = larger
  }

  /** What is in it, from a byte on; valid until something is appended after `clear`. */
  view(from = 0): Buffer {
    return this.#bytes.subarray(from, this.#length)
  }

  clear(): void {
    this.#length = 0
  }
}
