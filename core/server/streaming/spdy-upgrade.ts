import type { Duplex } from 'node:stream'
import { badRequest } from '../../api/status.ts'
import { headerList, type Upgrade } from './upgrade.ts'
import { ProtocolRefused } from './protocol-refused.ts'

/**
 * The stream protocol to speak over SPDY: the client's first choice that is ours (upstream: apimachinery/pkg/util/
 * httpstream Handshake). A client that names none gets `fallback`. Throws ProtocolRefused (403) when nothing fits.
 */
export function negotiateSpdyProtocol(upgrade: Upgrade, supported: string[], fallback: string): string {
  const offered = headerList(upgrade.request, 'x-stream-protocol-version')
  if (offered.length === 0) return fallback
  const chosen = offered.find((name) => supported.includes(name))
  if (chosen !== undefined) return chosen
  throw new ProtocolRefused(offered, supported)
}

/** Switches to SPDY/3.1 and gives the raw byte stream. Throws a StatusError when the client is gone already. */
export function acceptSpdy(upgrade: Upgrade, protocol: string): Duplex {
  const { socket, head } = upgrade
  if (socket.destroyed || !socket.writable) {
    throw badRequest('the client went away')
  }
  const lines = [
    'HTTP/1.1 101 Switching Protocols',
    ...(upgrade.auditId === undefined ? [] : [`Audit-Id: ${upgrade.auditId}`]),
    'Connection: Upgrade',
    'Upgrade: SPDY/3.1',
    `X-Stream-Protocol-Version: ${protocol}`,
  ]
  socket.write(`${lines.join('\r\n')}\r\n\r\n`)
  upgrade.audit?.started(101)
  if (head.length > 0) socket.unshift(head)
  return socket
}
