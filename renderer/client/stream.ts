import { failure, StatusError, type Status } from '../../core/api/status.ts'
import { webSocketUrl } from './kube-path.ts'

/** Chunks come by events and are read by a loop; what waits between lies here. */
interface Waiting {
  chunks: Uint8Array[]
  end: { error: Error | undefined } | undefined
  wake: (() => void) | undefined
}

function listenTo(socket: WebSocket, waiting: Waiting): void {
  const wake = (): void => waiting.wake?.()
  let status: Status | undefined
  let isOpen = false
  socket.onopen = () => (isOpen = true)
  socket.onmessage = (event: MessageEvent<ArrayBuffer | string>) => {
    if (typeof event.data === 'string') status = JSON.parse(event.data) as Status
    else waiting.chunks.push(new Uint8Array(event.data))
    wake()
  }
  socket.onclose = (event) => {
    const isClean = isOpen && event.code === 1000
    const lost = isClean ? undefined : failure(0, 'Unreachable', 'the stream was cut off')
    waiting.end = { error: status ? new StatusError(status) : lost }
    wake()
  }
}

/**
 * The body of a Kubernetes GET in pieces as they come, over the gateway's stream socket, which does not use up the
 * browser's few connections. `path` is as kubePath gives it. Ends when the body does or `signal` aborts; throws the
 * server's StatusError, or one with code 0 when the connection is lost.
 */
export async function* streamBody(path: string, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  if (signal.aborted) return
  const socket = new WebSocket(webSocketUrl(path.replace('/k8s/', '/stream/')))
  socket.binaryType = 'arraybuffer'
  const waiting: Waiting = { chunks: [], end: undefined, wake: undefined }
  listenTo(socket, waiting)
  const close = (): void => socket.close()
  signal.addEventListener('abort', close, { once: true })
  try {
    for (;;) {
      const chunk = waiting.chunks.shift()
      if (chunk) yield chunk
      else if (waiting.end) break
      else await new Promise<void>((resolve) => (waiting.wake = resolve))
    }
    if (waiting.end?.error && !signal.aborted) throw waiting.end.error
  } finally {
    signal.removeEventListener('abort', close)
    close()
  }
}
