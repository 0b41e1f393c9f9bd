/** Control frame types of SPDY/3.1 (draft-mbelshe-httpbis-spdy-00 §2.6). */
export const frameType = {
  synStream: 1,
  synReply: 2,
  rstStream: 3,
  settings: 4,
  ping: 6,
  goAway: 7,
  headers: 8,
  windowUpdate: 9,
} as const

/** Flag of DATA, SYN_STREAM, SYN_REPLY and HEADERS: the sender sends nothing more on this stream. */
export const flagFin = 1

/** Why a stream was reset (draft §2.6.3). */
export const resetStatus = {
  protocolError: 1,
  invalidStream: 2,
  refusedStream: 3,
  unsupportedVersion: 4,
  cancel: 5,
  internalError: 6,
  flowControlError: 7,
  streamInUse: 8,
  streamAlreadyClosed: 9,
  frameTooLarge: 11,
} as const

/** Why a session ended (draft §2.6.6). */
export const goAwayStatus = { ok: 0, protocolError: 1, internalError: 2 } as const

/** The peer broke the protocol; the connection cannot go on. */
export class SpdyProtocolError extends Error {
  constructor(message: string) {
    super(`SPDY: ${message}`)
    this.name = 'SpdyProtocolError'
  }
}

const version = 3

/** A control frame ready for the wire. `payload` must be below 2^24 bytes. */
export function encodeControlFrame(type: number, flags: number, payload: Uint8Array): Buffer {
  const frame = Buffer.allocUnsafe(8 + payload.length)
  frame.writeUInt16BE(0x8000 | version, 0)
  frame.writeUInt16BE(type, 2)
  frame.writeUInt32BE(((flags << 24) | payload.length) >>> 0, 4)
  frame.set(payload, 8)
  return frame
}

/** A control frame of 32-bit words: RST_STREAM, PING, GOAWAY and WINDOW_UPDATE. */
export function encodeWords(type: number, ...words: number[]): Buffer {
  const payload = Buffer.allocUnsafe(words.length * 4)
  words.forEach((word, index) => payload.writeUInt32BE(word >>> 0, index * 4))
  return encodeControlFrame(type, 0, payload)
}

/** A DATA frame; `payload` is copied. */
export function encodeDataFrame(streamId: number, flags: number, payload: Uint8Array): Buffer {
  const frame = Buffer.allocUnsafe(8 + payload.length)
  frame.writeUInt32BE(streamId, 0)
  frame.writeUInt32BE(((flags << 24) | payload.length) >>> 0, 4)
  frame.set(payload, 8)
  return frame
}
