import { PassThrough, Transform } from 'node:stream'
import type { Readable } from 'node:stream'
import { drained } from '../../util/drained.ts'

const headerBytes = 8

/** Splits Docker's multiplexed stream (8-byte header: stream, 0, 0, 0, big-endian length) into its frames. */
class FrameReader {
  #rest: Buffer = Buffer.alloc(0)
  /** Bytes of the current frame still to come, and the stream they belong to. */
  #left = 0
  #stream = 1

  read(chunk: Buffer, onData: (stream: number, data: Buffer) => void): void {
    let data = this.#rest.length > 0 ? Buffer.concat([this.#rest, chunk]) : chunk
    this.#rest = Buffer.alloc(0)
    while (data.length > 0) {
      if (this.#left === 0) {
        if (data.length < headerBytes) {
          this.#rest = data
          return
        }
        this.#stream = data.readUInt8(0)
        this.#left = data.readUInt32BE(4)
        data = data.subarray(headerBytes)
        continue
      }
      const part = data.subarray(0, this.#left)
      this.#left -= part.length
      data = data.subarray(part.length)
      onData(this.#stream, part)
    }
  }
}

/** Takes the headers out of a multiplexed stream: stdout and stderr in the order they were written. */
export function createFrameStripper(): Transform {
  const reader = new FrameReader()
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      reader.read(chunk, (_stream, data) => this.push(data))
      done()
    },
  })
}

/** Splits a multiplexed stream in two. Reading stops while either side is full; both end with the source. */
export function splitFrames(source: Readable): { stdout: Readable; stderr: Readable } {
  const stdout = new PassThrough()
  const stderr = new PassThrough()
  const reader = new FrameReader()
  source.on('data', (chunk: Buffer) => {
    const full = new Set<PassThrough>()
    reader.read(chunk, (stream, data) => {
      const target = stream === 2 ? stderr : stdout
      if (!target.write(data)) full.add(target)
    })
    if (full.size === 0) return
    source.pause()
    void Promise.all([...full].map(drained)).then(() => source.resume())
  })
  const finish = (): void => {
    stdout.end()
    stderr.end()
  }
  source.once('end', finish)
  source.once('close', finish)
  source.once('error', finish)
  return { stdout, stderr }
}
