import type { Duplex } from 'node:stream'
import { badRequest } from '../../../api/status.ts'
import type { Clock } from '../../../util/clock.ts'
import { SpdyConnection } from '../../../util/spdy/connection.ts'
import { resetStatus } from '../../../util/spdy/frames.ts'
import type { SpdyStream } from '../../../util/spdy/stream.ts'
import type { StreamSelection } from '../stream-target.ts'
import { parseTerminalSize, type RemoteCommandChannels } from './channels.ts'

interface SpdyProtocol {
  /** Terminals get a fifth stream for their size. */
  hasResize: boolean
  /** The end is a JSON Status; else the message of a failure as text. */
  hasStatus: boolean
}

const protocols: Record<string, SpdyProtocol> = {
  'v4.channel.k8s.io': { hasResize: true, hasStatus: true },
  'v3.channel.k8s.io': { hasResize: true, hasStatus: false },
  'v2.channel.k8s.io': { hasResize: false, hasStatus: false },
  'channel.k8s.io': { hasResize: false, hasStatus: false },
}

/** SPDY stream protocols for `exec` and `attach`, best first. */
export const remoteCommandSpdyProtocols: string[] = Object.keys(protocols)

/** How long the client may take to open its streams (upstream: streamCreationTimeout). */
const streamCreationTimeoutMs = 30_000
const maxSizeBytes = 4096

/**
 * A client that speaks `protocol`, one of the above, over SPDY. Resolves once it has opened every stream it asked for;
 * rejects when it does not within 30 seconds or goes away.
 */
export async function spdyChannels(
  transport: Duplex,
  protocol: string,
  options: { selection: StreamSelection; clock: Clock },
): Promise<RemoteCommandChannels> {
  const { selection, clock } = options
  const { hasResize, hasStatus } = protocols[protocol]!
  const { tty, ...kinds } = selection
  const expected = { error: true, ...kinds, resize: tty && hasResize }
  const names = Object.entries(expected).flatMap(([name, isExpected]) => (isExpected ? [name] : []))
  const { connection, streams } = await collectStreams(transport, names, clock)
  const error = streams.get('error')!
  // Nothing arrives on these; reading them lets their ends be noticed.
  for (const name of ['error', 'stdout', 'stderr']) streams.get(name)?.resume()
  return {
    stdin: streams.get('stdin'),
    stdout: streams.get('stdout'),
    stderr: streams.get('stderr'),
    closed: connection.closed,
    onResize: (listener) => readSizes(streams.get('resize'), listener),
    async finish(status) {
      const text = hasStatus ? JSON.stringify(status) : (status.message ?? '')
      await new Promise<void>((resolve) => {
        error.once('close', resolve)
        error.end(text, resolve)
      })
      connection.close()
    },
  }
}

async function collectStreams(
  transport: Duplex,
  names: string[],
  clock: Clock,
): Promise<{ connection: SpdyConnection; streams: Map<string, SpdyStream> }> {
  const streams = new Map<string, SpdyStream>()
  const complete = Promise.withResolvers<void>()
  const onStream = (stream: SpdyStream): void => {
    const name = stream.headers['streamtype'] ?? ''
    if (!names.includes(name) || streams.has(name)) {
      stream.reset(resetStatus.refusedStream)
      return
    }
    stream.accept()
    streams.set(name, stream)
    if (streams.size === names.length) complete.resolve()
  }
  const connection = new SpdyConnection({ transport, role: 'server', clock, onStream })
  const timer = clock.after(streamCreationTimeoutMs, () =>
    complete.reject(badRequest('timed out waiting for client to create streams')),
  )
  void connection.closed.then(() => complete.reject(badRequest('the client went away')))
  try {
    await complete.promise
  } catch (error) {
    connection.close()
    throw error
  } finally {
    timer[Symbol.dispose]()
  }
  return { connection, streams }
}

/** Sizes arrive as one JSON object per line. */
function readSizes(
  stream: SpdyStream | undefined,
  listener: (size: { width: number; height: number }) => void,
): void {
  let text = ''
  stream?.setEncoding('utf8')
  stream?.on('data', (chunk: string) => {
    const lines = (text + chunk).split('\n')
    text = lines.pop()!.slice(0, maxSizeBytes)
    for (const line of lines) {
      const size = parseTerminalSize(line)
      if (size) listener(size)
    }
  })
}
