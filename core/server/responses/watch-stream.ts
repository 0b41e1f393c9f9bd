import type { Clock } from '../../util/clock.ts'
import type { Exchange } from '../exchange.ts'
import { startStream } from './respond.ts'

/** A watcher that has this many bytes waiting and takes none for `stallMs` is cut off … */
const softLimitBytes = 16 * 1024 * 1024
const stallMs = 10_000
/** … and one with this many waiting at once. Room for the first picture of a large collection. */
const hardLimitBytes = 256 * 1024 * 1024
/** How much is handed to the socket before waiting for it to drain. */
const chunkBytes = 256 * 1024

/** The body of a watch answer: frames in order, never more in memory than a slow client may hold. */
export interface WatchStream {
  write(frames: Uint8Array[]): void
  /** Ends the answer after what is queued. */
  end(): void
}

interface WatchStreamOptions {
  contentType: string
  clock: Clock
  /** Called when the client is cut off. */
  onCutOff: () => void
}

/** Starts the answer at once (headers are flushed) and writes frames as fast as the client takes them. */
export function startWatchStream(
  exchange: Exchange,
  { contentType, clock, onCutOff }: WatchStreamOptions,
): WatchStream {
  const { response } = exchange
  startStream(exchange, contentType)
  ;(response as { flushHeaders(): void }).flushHeaders()
  let queue: Uint8Array[] = []
  let queuedBytes = 0
  let waiting = false
  let ending = false
  let progressAt = clock.now()

  function pump(): void {
    while (!waiting && queue.length > 0 && !exchange.isGone) {
      const chunk = takeChunk()
      waiting = !(response as { write(chunk: Uint8Array): boolean }).write(chunk)
    }
    if (ending && queue.length === 0 && !exchange.isGone) response.end()
  }
  function takeChunk(): Uint8Array {
    let length = 0
    let count = 0
    while (count < queue.length && length < chunkBytes) length += queue[count++]!.length
    const taken = count === queue.length ? queue : queue.slice(0, count)
    queue = count === queue.length ? [] : queue.slice(count)
    queuedBytes -= length
    return taken.length === 1 ? taken[0]! : Buffer.concat(taken, length)
  }
  response.on('drain', () => {
    waiting = false
    progressAt = clock.now()
    pump()
  })
  return {
    write(frames) {
      if (exchange.isGone || ending) return
      if (queue.length === 0) progressAt = Math.max(progressAt, waiting ? 0 : clock.now())
      for (const frame of frames) {
        queue.push(frame)
        queuedBytes += frame.length
      }
      pump()
      const stalled = queuedBytes > softLimitBytes && clock.now() - progressAt > stallMs
      if (stalled || queuedBytes > hardLimitBytes) {
        queue = []
        onCutOff()
        response.destroy()
      }
    },
    end() {
      ending = true
      pump()
    },
  }
}
