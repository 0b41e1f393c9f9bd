import type { Readable } from 'node:stream'

/** A DNS message as it travels over TCP: two bytes of length, then the message (RFC 1035, 4.2.2). */
export function frameTcp(message: Buffer): Buffer {
  const frame = Buffer.allocUnsafe(message.length + 2)
  frame.writeUInt16BE(message.length, 0)
  message.copy(frame, 2)
  return frame
}

/** Calls back with every whole message that arrives on a TCP connection. */
export function readTcpFrames(source: Readable, onMessage: (message: Buffer) => void): void {
  let rest: Buffer = Buffer.alloc(0)
  source.on('data', (chunk: Buffer) => {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk])
    while (rest.length >= 2) {
      const end = 2 + rest.readUInt16BE(0)
      if (rest.length < end) return
      onMessage(rest.subarray(2, end))
      rest = rest.subarray(end)
    }
  })
}
