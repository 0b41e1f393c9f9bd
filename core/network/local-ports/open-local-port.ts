import type { LocalPort, LocalPortOptions } from './local-port.ts'
import { openTcpPort } from './tcp-port.ts'
import { openUdpPort } from './udp-port.ts'

/** Opens a TCP or UDP port of this machine that leads to a Service. Rejects with Node's error where it cannot be bound. */
export function openLocalPort(options: LocalPortOptions): Promise<LocalPort> {
  return options.servicePort.protocol === 'UDP' ? openUdpPort(options) : openTcpPort(options)
}
