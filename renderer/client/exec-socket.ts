import type { Status } from '../../core/api/status.ts'
import { queryString, webSocketUrl } from './kube-path.ts'

export interface ExecTarget {
  cluster: string
  namespace: string
  pod: string
  container: string
}

export interface ExecHandlers {
  open(): void
  output(bytes: Uint8Array): void
  /** Once, at the end: the exit Status when the server sent one. */
  closed(status: Status | undefined, reason: string): void
}

export interface ExecSession {
  write(text: string): void
  resize(columns: number, rows: number): void
  close(): void
}

/** Channels of `v5.channel.k8s.io` (kubernetes/apimachinery pkg/util/remotecommand). */
const channel = { stdin: 0, stdout: 1, stderr: 2, error: 3, resize: 4 } as const

/** Exit code a Status of the error channel carries; 0 for success, undefined when it has none. */
export function exitCodeOf(status: Status): number | undefined {
  if (status.status === 'Success') return 0
  const cause = status.details?.causes?.find((entry) => entry.reason === 'ExitCode')
  return cause?.message === undefined ? undefined : Number(cause.message)
}

/** Opens an interactive exec over WebSocket. */
export function openExec(target: ExecTarget, command: string[], handlers: ExecHandlers): ExecSession {
  const query = queryString({
    container: target.container,
    stdin: true,
    stdout: true,
    stderr: false,
    tty: true,
  })
  const commands = command.map((part) => `&command=${encodeURIComponent(part)}`).join('')
  const path =
    `/clusters/${encodeURIComponent(target.cluster)}/k8s/api/v1/namespaces/${target.namespace}` +
    `/pods/${target.pod}/exec${query}${commands}`
  const socket = new WebSocket(webSocketUrl(path), ['v5.channel.k8s.io'])
  socket.binaryType = 'arraybuffer'
  const encoder = new TextEncoder()
  let status: Status | undefined

  function transmit(id: number, text: string): void {
    if (socket.readyState !== WebSocket.OPEN) return
    const bytes = encoder.encode(text)
    const frame = new Uint8Array(bytes.length + 1)
    frame[0] = id
    frame.set(bytes, 1)
    socket.send(frame)
  }

  socket.onopen = () => handlers.open()
  socket.onmessage = (event: MessageEvent<ArrayBuffer>) => {
    const frame = new Uint8Array(event.data)
    const bytes = frame.subarray(1)
    if (frame[0] === channel.stdout || frame[0] === channel.stderr) handlers.output(bytes)
    else if (frame[0] === channel.error && bytes.length)
      status = JSON.parse(new TextDecoder().decode(bytes)) as Status
  }
  socket.onclose = (event) => handlers.closed(status, event.reason)
  return {
    write: (text) => transmit(channel.stdin, text),
    resize: (columns, rows) => transmit(channel.resize, JSON.stringify({ Width: columns, Height: rows })),
    close: () => socket.close(),
  }
}
