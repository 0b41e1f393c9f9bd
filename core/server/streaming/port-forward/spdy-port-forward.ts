import type { Duplex } from 'node:stream'
import type { Clock } from '../../../util/clock.ts'
import { SpdyConnection } from '../../../util/spdy/connection.ts'
import { resetStatus } from '../../../util/spdy/frames.ts'
import type { SpdyStream } from '../../../util/spdy/stream.ts'
import { forwardError, parsePort, type ForwardTarget } from './forward-target.ts'
import { joinStreams } from '../../../util/join-streams.ts'

/** The one SPDY stream protocol for port-forward. */
export const portForwardProtocol = 'portforward.k8s.io'

/** How long the second stream of a pair may take (upstream: streamCreationTimeout). */
const pairTimeoutMs = 30_000

interface Pair {
  port: number
  error?: SpdyStream
  data?: SpdyStream
  timer: Disposable
}

/**
 * Serves port-forward over SPDY: per connection an `error` and a `data` stream with the same `requestid`. A failure
 * to connect is told as text on the error stream. Resolves when the client is gone.
 */
export async function serveSpdyPortForward(
  transport: Duplex,
  target: ForwardTarget,
  clock: Clock,
): Promise<void> {
  const pairs = new Map<string, Pair>()
  const connection = new SpdyConnection({
    transport,
    role: 'server',
    clock,
    onStream(stream) {
      const port = parsePort(stream.headers['port'])
      const kind = stream.headers['streamtype']
      if (port === undefined || (kind !== 'error' && kind !== 'data')) {
        stream.reset(resetStatus.refusedStream)
        return
      }
      const id = requestId(stream, kind)
      const pair = pairs.get(id) ?? { port, timer: clock.after(pairTimeoutMs, () => abandon(id)) }
      if (pair[kind] || pair.port !== port) {
        stream.reset(resetStatus.refusedStream)
        return
      }
      pair[kind] = stream
      pairs.set(id, pair)
      stream.accept()
      if (!pair.error || !pair.data) return
      pairs.delete(id)
      pair.timer[Symbol.dispose]()
      void forward(target, { port, error: pair.error, data: pair.data })
    },
  })
  const abandon = (id: string): void => {
    const pair = pairs.get(id)
    pairs.delete(id)
    pair?.error?.reset(resetStatus.cancel)
    pair?.data?.reset(resetStatus.cancel)
  }
  await connection.closed
  for (const pair of pairs.values()) pair.timer[Symbol.dispose]()
}

/** Old clients give no id; their data stream comes right after its error stream. */
function requestId(stream: SpdyStream, kind: 'error' | 'data'): string {
  return stream.headers['requestid'] || `stream-${kind === 'error' ? stream.id : stream.id - 2}`
}

async function forward(
  target: ForwardTarget,
  pair: { port: number; error: SpdyStream; data: SpdyStream },
): Promise<void> {
  const { port, error, data } = pair
  error.resume()
  let connection: Duplex
  try {
    connection = await target.dial(port)
  } catch (cause) {
    error.end(forwardError(target, port, cause))
    data.resume()
    data.end()
    return
  }
  if (data.destroyed) connection.destroy()
  else await joinStreams(data, connection)
  error.end()
}
