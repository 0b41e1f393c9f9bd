import { WebSocketServer, type WebSocket } from 'ws'
import { badRequest } from '../../api/status.ts'
import { ProtocolRefused } from './protocol-refused.ts'
import { headerList, type Upgrade } from './upgrade.ts'

/** Largest message taken: clients send one message per write, and some write a whole input at once. */
const maxMessageBytes = 64 * 1024 * 1024

/**
 * The subprotocol to speak: the client's first choice that is ours, or '' when it offers none and '' is supported
 * (upstream: the wsstream package). Throws a StatusError when nothing fits or the handshake is malformed.
 */
export function negotiateWebSocketProtocol(upgrade: Upgrade, supported: string[]): string {
  const { request } = upgrade
  const key = request.headers['sec-websocket-key'] ?? ''
  if (request.method !== 'GET' || !/^[+/0-9A-Za-z]{22}==$/.test(key)) {
    throw badRequest('malformed WebSocket handshake')
  }
  if (request.headers['sec-websocket-version'] !== '13') {
    throw badRequest('only WebSocket version 13 is spoken')
  }
  const offered = headerList(request, 'sec-websocket-protocol')
  if (offered.length === 0 && supported.includes('')) return ''
  const chosen = offered.find((name) => supported.includes(name))
  if (chosen !== undefined) return chosen
  throw new ProtocolRefused(
    offered,
    supported.filter((name) => name !== ''),
  )
}

/** Completes the handshake. Throws a StatusError when it cannot be completed; the socket is then of no more use. */
export function acceptWebSocket(upgrade: Upgrade, protocol: string): WebSocket {
  const { request, socket, head } = upgrade
  const server = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    perMessageDeflate: false,
    maxPayload: maxMessageBytes,
  })
  // `ws` refuses Kubernetes' `SPDY/3.1+portforward.k8s.io`, for '/' is no token character, so it never sees the offer.
  delete request.headers['sec-websocket-protocol']
  server.on('headers', (headers) => {
    if (protocol !== '') headers.push(`Sec-WebSocket-Protocol: ${protocol}`)
  })
  const accepted: WebSocket[] = []
  server.handleUpgrade(request, socket, head, (webSocket) => accepted.push(webSocket))
  const webSocket = accepted[0]
  if (!webSocket) throw badRequest('the WebSocket handshake failed')
  upgrade.audit?.started(101)
  // Errors end in `close`, which everybody waits for.
  webSocket.on('error', () => undefined)
  return webSocket
}
