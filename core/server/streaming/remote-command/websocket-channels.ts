import type { WebSocket } from 'ws'
import { ChannelSocket, type ChannelFraming } from '../channel-socket.ts'
import type { StreamSelection } from '../stream-target.ts'
import { parseTerminalSize, type RemoteCommandChannels } from './channels.ts'

const channel = { stdin: 0, stdout: 1, stderr: 2, error: 3, resize: 4 } as const

interface RemoteCommandFraming extends ChannelFraming {
  /** The end is a JSON Status; else the message of a failure as text. */
  hasStatus: boolean
}

/** What current clients speak, which upstream's API server does not pass on as it is. */
export const translatedProtocol = 'v5.channel.k8s.io'

const framings: Record<string, RemoteCommandFraming> = {
  [translatedProtocol]: { isBase64: false, hasCloseSignal: true, hasStatus: true },
  'v4.channel.k8s.io': { isBase64: false, hasCloseSignal: false, hasStatus: true },
  'v4.base64.channel.k8s.io': { isBase64: true, hasCloseSignal: false, hasStatus: true },
  'channel.k8s.io': { isBase64: false, hasCloseSignal: false, hasStatus: false },
  'base64.channel.k8s.io': { isBase64: true, hasCloseSignal: false, hasStatus: false },
  '': { isBase64: false, hasCloseSignal: false, hasStatus: false },
}

/** WebSocket subprotocols for `exec` and `attach`; '' stands for none. */
export const remoteCommandWebSocketProtocols: string[] = Object.keys(framings)

/** A client that speaks `protocol`, one of the above, over a WebSocket. */
export function webSocketChannels(
  webSocket: WebSocket,
  protocol: string,
  selection: StreamSelection,
): RemoteCommandChannels {
  const framing = framings[protocol]!
  const socket = new ChannelSocket(webSocket, framing)
  const stdin = selection.stdin ? socket.readable(channel.stdin) : undefined
  // Upstream greets on the lowest channel that it writes to; some clients take this as "connected".
  const first = selection.stdout ? channel.stdout : selection.stderr ? channel.stderr : channel.error
  void socket.send(first, new Uint8Array())
  return {
    stdin,
    stdout: selection.stdout ? socket.writable(channel.stdout) : undefined,
    stderr: selection.stderr ? socket.writable(channel.stderr) : undefined,
    closed: socket.closed,
    onResize(listener) {
      socket.onMessage(channel.resize, (bytes) => {
        const size = parseTerminalSize(bytes.toString())
        if (size) listener(size)
      })
    },
    async finish(status) {
      const text = framing.hasStatus ? JSON.stringify(status) : (status.message ?? '')
      if (text !== '') await socket.send(channel.error, Buffer.from(text))
      socket.close()
    },
  }
}
