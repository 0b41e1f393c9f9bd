import { randomBytes } from 'node:crypto'
import { duplexPair, type Duplex } from 'node:stream'
import { deflateSync, constants } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { FakeClock } from '../fake-clock.ts'
import { SpdyConnection } from './connection.ts'
import { encodeControlFrame, encodeDataFrame, encodeWords, flagFin, frameType } from './frames.ts'
import { headerDictionary } from './header-dictionary.ts'
import type { SpdyStream } from './stream.ts'

function connected(onStream: (stream: SpdyStream) => void): {
  client: SpdyConnection
  server: SpdyConnection
  clock: FakeClock
} {
  const [near, far] = duplexPair()
  const clock = new FakeClock()
  return {
    client: new SpdyConnection({ transport: near, role: 'client', clock }),
    server: new SpdyConnection({ transport: far, role: 'server', clock, onStream }),
    clock,
  }
}

function rawPeer(onStream: (stream: SpdyStream) => void = (stream) => stream.accept()): {
  raw: Duplex
  server: SpdyConnection
  received: () => Buffer
} {
  const [raw, far] = duplexPair()
  const chunks: Buffer[] = []
  raw.on('data', (chunk: Buffer) => chunks.push(chunk))
  const server = new SpdyConnection({ transport: far, role: 'server', clock: new FakeClock(), onStream })
  return { raw, server, received: () => Buffer.concat(chunks) }
}

async function readAll(stream: Duplex): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of stream) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks)
}

function synStream(id: number, headers: Buffer): Buffer {
  const prefix = Buffer.alloc(10)
  prefix.writeUInt32BE(id)
  return encodeControlFrame(frameType.synStream, 0, Buffer.concat([prefix, headers]))
}

/** A header block as zlib of the client side compresses it, with the dictionary. */
function compressed(headers: Record<string, string>): Buffer {
  const parts: Buffer[] = []
  const word = (value: number): void => {
    const bytes = Buffer.alloc(4)
    bytes.writeUInt32BE(value)
    parts.push(bytes)
  }
  word(Object.keys(headers).length)
  for (const text of Object.entries(headers).flat()) {
    word(text.length)
    parts.push(Buffer.from(text))
  }
  return deflateSync(Buffer.concat(parts), {
    dictionary: headerDictionary(),
    finishFlush: constants.Z_SYNC_FLUSH,
  })
}

const tick = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

describe('SpdyConnection', () => {
  it('carries streams both ways, with headers, replies and half-close', async () => {
    const { client } = connected((stream) => {
      expect({ ...stream.headers }).toEqual({ streamtype: 'data', port: '80' })
      stream.accept({ answer: 'yes' })
      void readAll(stream).then((bytes) => stream.end(Buffer.concat([Buffer.from('got '), bytes])))
    })
    const stream = client.openStream({ streamtype: 'data', port: '80' })
    const replied = new Promise((resolve) => stream.once('reply', resolve))
    stream.write('hello ')
    stream.end('world')
    expect((await readAll(stream)).toString()).toBe('got hello world')
    expect(await replied).toMatchObject({ answer: 'yes' })
  })

  it('moves many megabytes over several streams at once without a change', async () => {
    const { client } = connected((stream) => {
      stream.accept()
      stream.pipe(stream)
    })
    const payloads = [1, 2, 3].map((index) => randomBytes(index * 1_500_000 + 7))
    const echoes = payloads.map(async (payload) => {
      const stream = client.openStream({})
      stream.end(payload)
      return readAll(stream)
    })
    const answers = await Promise.all(echoes)
    answers.forEach((answer, index) => expect(answer.equals(payloads[index]!)).toBe(true))
    await tick()
    expect(client.streamCount).toBe(0)
  })

  it('stops reading while a stream is not consumed, and goes on when it is', async () => {
    const streams: SpdyStream[] = []
    const { client } = connected((stream) => {
      stream.accept()
      streams.push(stream)
    })
    const stream = client.openStream({})
    const payload = randomBytes(8_000_000)
    let isSent = false
    stream.write(payload, () => (isSent = true))
    stream.end()
    for (let turn = 0; turn < 200; turn++) await tick()
    expect(isSent).toBe(false)
    expect(streams[0]!.readableLength).toBeLessThan(2_000_000)
    expect((await readAll(streams[0]!)).equals(payload)).toBe(true)
  })

  it('resets a stream of the peer when one side destroys it, and keeps the connection', async () => {
    const { client, server } = connected((stream) => {
      stream.accept()
      if (stream.headers['kind'] === 'doomed') stream.destroy()
      else stream.resume().end('fine')
    })
    const doomed = client.openStream({ kind: 'doomed' })
    const error = await new Promise<Error>((resolve) => doomed.once('error', resolve))
    expect(error.message).toContain('reset')
    const other = client.openStream({ kind: 'other' })
    other.end()
    expect((await readAll(other)).toString()).toBe('fine')
    expect(server.streamCount).toBe(0)
  })

  it('destroys streams when the transport is lost', async () => {
    const { client } = connected((stream) => stream.accept())
    const stream = client.openStream({})
    const failed = new Promise((resolve) => stream.once('error', resolve))
    client.destroy()
    await failed
    await client.closed
    expect(() => client.openStream({})).toThrow('closing')
  })

  it('drops a peer that does not hang up after GOAWAY', async () => {
    const { raw, server } = rawPeer()
    const [near, far] = duplexPair()
    near.pause()
    const clock = new FakeClock()
    const lingering = new SpdyConnection({ transport: far, role: 'server', clock })
    lingering.close()
    await clock.advance(5_000)
    await lingering.closed
    raw.destroy()
    server.destroy()
  })

  it('lets what a peer sent completely be read after it is gone', async () => {
    const streams: SpdyStream[] = []
    const { raw } = rawPeer((stream) => streams.push(stream))
    raw.write(synStream(1, compressed({ a: 'b' })))
    raw.write(encodeDataFrame(1, flagFin, Buffer.from('the end')))
    raw.end()
    for (let turn = 0; turn < 5; turn++) await tick()
    expect((await readAll(streams[0]!)).toString()).toBe('the end')
  })

  it('understands header blocks compressed with the dictionary, cut at any byte', async () => {
    const streams: SpdyStream[] = []
    const { raw } = rawPeer((stream) => streams.push(stream))
    const bytes = Buffer.concat([
      synStream(1, compressed({ streamtype: 'stdin', 'content-type': 'text/plain' })),
      encodeDataFrame(1, flagFin, Buffer.from('x')),
    ])
    for (const byte of bytes) raw.write(Buffer.from([byte]))
    await tick()
    expect({ ...streams[0]!.headers }).toEqual({ streamtype: 'stdin', 'content-type': 'text/plain' })
    expect((await readAll(streams[0]!)).toString()).toBe('x')
  })

  it('answers pings of the peer', async () => {
    const { raw, received } = rawPeer()
    raw.write(encodeWords(frameType.ping, 7))
    await tick()
    expect(received().equals(encodeWords(frameType.ping, 7))).toBe(true)
  })

  const hostile: Array<[string, Buffer]> = [
    ['another version', Buffer.from([0x80, 0x02, 0, 1, 0, 0, 0, 0])],
    ['a control frame above the limit', Buffer.from([0x80, 0x03, 0, 1, 0, 0xff, 0xff, 0xff])],
    ['a cut SYN_STREAM', encodeControlFrame(frameType.synStream, 0, Buffer.alloc(3))],
    ['a SYN_STREAM without header block', encodeControlFrame(frameType.synStream, 0, Buffer.alloc(10))],
    ['a header block that is no zlib', synStream(1, randomBytes(64))],
    ['an even stream id', synStream(2, compressed({}))],
    ['stream id 0', synStream(0, compressed({}))],
    ['a short PING', encodeControlFrame(frameType.ping, 0, Buffer.alloc(2))],
    ['a short RST_STREAM', encodeControlFrame(frameType.rstStream, 0, Buffer.alloc(2))],
    ['a header bomb', synStream(1, compressed({ bomb: 'a'.repeat(4_000_000) }))],
    [
      'a header length beyond its block',
      synStream(
        1,
        deflateSync(Buffer.from([0, 0, 0, 1, 255, 255, 255, 255]), { dictionary: headerDictionary() }),
      ),
    ],
  ]
  it.each(hostile)('hangs up on %s', async (_name, bytes) => {
    const { raw, server, received } = rawPeer()
    raw.write(bytes)
    await new Promise((resolve) => raw.once('end', resolve))
    expect(
      received()
        .subarray(0, 4)
        .equals(Buffer.from([0x80, 0x03, 0, frameType.goAway])),
    ).toBe(true)
    raw.end()
    await server.closed
  })

  it('survives random bytes', async () => {
    for (let round = 0; round < 200; round++) {
      const { raw, server } = rawPeer()
      raw.end(randomBytes(600))
      await server.closed
    }
  })

  it('refuses streams above the limit', async () => {
    const accepted: SpdyStream[] = []
    const { client } = connected((stream) => {
      stream.accept()
      accepted.push(stream)
    })
    for (let count = 0; count < 1000; count++) client.openStream({})
    const refused = client.openStream({})
    await new Promise((resolve) => refused.once('error', resolve))
    expect(accepted.length).toBe(1000)
  })
})
