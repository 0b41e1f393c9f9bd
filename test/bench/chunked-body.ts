const nothing = Buffer.alloc(0)

/** Reads bodies in HTTP/1.1's chunked transfer coding (RFC 9112, section 7.1), without trailers, one after the other. */
export class ChunkedBody {
  readonly #onContent: (bytes: Buffer) => void
  /** What has come and is not yet understood: the beginning of a chunk's head. */
  #rest: Buffer = nothing
  /** Bytes of the present chunk that are still to come, its line end included. -1: its head is still to come. */
  #missing = -1

  /** `onContent` is given what the chunks hold as it comes; it may be overwritten afterwards. */
  constructor(onContent: (bytes: Buffer) => void) {
    this.#onContent = onContent
  }

  /** Takes what came next and says whether a body is complete. */
  push(data: Buffer): boolean {
    let bytes = this.#rest.length > 0 ? Buffer.concat([this.#rest, data]) : data
    this.#rest = nothing
    while (bytes.length > 0) {
      if (this.#missing < 0) {
        const end = bytes.indexOf('\r\n')
        if (end < 0) break
        const size = Number.parseInt(bytes.toString('latin1', 0, end), 16)
        if (size === 0) {
          // The empty line after the last chunk.
          if (bytes.length < end + 4) break
          return true
        }
        this.#missing = size + 2
        bytes = bytes.subarray(end + 2)
      } else {
        const taken = Math.min(this.#missing, bytes.length)
        const content = Math.min(taken, Math.max(0, this.#missing - 2))
        if (content > 0) this.#onContent(bytes.subarray(0, content))
        this.#missing -= taken
        if (this.#missing === 0) this.#missing = -1
        bytes = bytes.subarray(taken)
      }
    }
    if (bytes.length > 0) this.#rest = Buffer.from(bytes)
    return false
  }
}
