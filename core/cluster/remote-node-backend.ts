import type { IncomingMessage } from 'node:http'
import { PassThrough, type Duplex, type Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { failureOfText, StatusError, type Status } from '../api/status.ts'
import { statusErrorOf } from '../gateway/upstream.ts'
import type { NodeBackend, PodRef, StreamSession } from '../server/streaming/backend.ts'
import type { Clock } from '../util/clock.ts'
import { SpdyConnection } from '../util/spdy/connection.ts'
import { askKubelet, openKubeletRequest, type ConnectKubelet } from './kubelet-request.ts'

/** What refusals of the kubelet, which are text, are for reasons. */
const reasons: Record<number, string> = { 400: 'BadRequest', 403: 'Forbidden', 404: 'NotFound' }

/**
 * A node that another process runs, by its kubelet's own HTTPS API, as upstream's API server reaches every node.
 * `connect` opens a connection to it that proves who both sides are. Refusals are StatusErrors with the kubelet's words.
 */
export function createRemoteNodeBackend(options: { connect: ConnectKubelet; clock: Clock }): NodeBackend {
  const { connect, clock } = options
  async function upgrade(path: string, protocol: string): Promise<SpdyConnection> {
    const headers = { connection: 'Upgrade', upgrade: 'SPDY/3.1', 'x-stream-protocol-version': protocol }
    const request = await openKubeletRequest(connect, path, { method: 'POST', headers })
    const transport = await new Promise<Duplex>((resolve, reject) => {
      request.once('upgrade', (_response, socket, head) => {
        if (head.length > 0) socket.unshift(head)
        resolve(socket)
      })
      request.once('response', (response) => void refusal(response).then(reject, reject))
      request.once('error', reject)
      request.end()
    })
    return new SpdyConnection({ transport, role: 'client', clock })
  }

  async function run(kind: 'exec' | 'attach', pod: PodRef, start: Start): Promise<StreamSession> {
    const { container, command = [], tty, stdin } = start
    const query = new URLSearchParams(command.map((word): [string, string] => ['command', word]))
    for (const [name, wanted] of Object.entries({ input: stdin, output: true, error: !tty, tty })) {
      if (wanted) query.set(name, 'true')
    }
    const path = `/${kind}/${pathOf(pod)}/${encodeURIComponent(container)}?${query.toString()}`
    return session(await upgrade(path, 'v4.channel.k8s.io'), start)
  }

  return {
    async logs(pod, { container, signal, ...rest }) {
      const query = new URLSearchParams(
        Object.entries(rest).map(([name, value]): [string, string] => [name, String(value)]),
      )
      const path = `/containerLogs/${pathOf(pod)}/${encodeURIComponent(container)}?${query.toString()}`
      const response = await askKubelet(connect, path, signal)
      if (response.statusCode !== 200) throw await refusal(response)
      return response
    },
    exec: (pod, start) => run('exec', pod, start),
    attach: (pod, start) => run('attach', pod, start),
    async portForward(pod, port) {
      const connection = await upgrade(`/portForward/${pathOf(pod)}`, 'portforward.k8s.io')
      const headers = { port: String(port), requestid: '0' }
      const errors = connection.openStream({ streamtype: 'error', ...headers })
      errors.end()
      const stream = connection.openStream({ streamtype: 'data', ...headers })
      stream.once('close', () => connection.close())
      void text(errors).then(
        (why) => why !== '' && stream.destroy(new Error(why)),
        () => undefined,
      )
      return stream
    },
  }
}

interface Start {
  container: string
  command?: string[]
  tty: boolean
  stdin: boolean
}

function pathOf({ namespace, name }: PodRef): string {
  return `${encodeURIComponent(namespace)}/${encodeURIComponent(name)}`
}

/** The streams of a command over SPDY, whose end is a Status on one of its own. */
function session(connection: SpdyConnection, { tty, stdin }: Start): StreamSession {
  const open = (streamtype: string): Duplex => connection.openStream({ streamtype })
  const errors = open('error')
  errors.end()
  const input = stdin ? open('stdin') : new PassThrough()
  const output = outputOf(open('stdout'))
  const problems = tty ? new PassThrough().end() : outputOf(open('stderr'))
  const sizes = tty ? open('resize') : undefined
  return {
    stdin: input,
    stdout: output,
    stderr: problems,
    resize: ({ width, height }) => void sizes?.write(`${JSON.stringify({ Width: width, Height: height })}\n`),
    exit: text(errors).then(exitCode),
    close: () => connection.close(),
  }
}

/** What comes out of a command; where it breaks off, how the command ended says why. */
function outputOf(stream: Duplex): Readable {
  const output = new PassThrough()
  stream.end()
  stream.once('error', () => output.end())
  return stream.pipe(output)
}

/** Throws what is no exit. */
function exitCode(end: string): number | undefined {
  if (end === '') throw new Error('the connection to the node broke off')
  const status = JSON.parse(end) as Status
  if (status.status === 'Success') return 0
  const code = status.details?.causes?.find(({ reason }) => reason === 'ExitCode')?.message
  if (status.reason === 'NonZeroExitCode' && code !== undefined) return Number(code)
  throw new StatusError(status)
}

/** Before streams begin the kubelet speaks as an API server does, else in text. */
async function refusal(response: IncomingMessage): Promise<StatusError> {
  const code = response.statusCode ?? 500
  const body = (await text(response)).trim()
  return body.startsWith('{')
    ? statusErrorOf(code, body)
    : failureOfText(code, body, reasons[code] ?? 'InternalError')
}
