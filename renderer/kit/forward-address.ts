import type { PortForward } from '../../core/api/gateway.ts'

/** Where a browser reaches a port-forward. */
export function forwardAddress({ address, localPort }: PortForward): string {
  return `http://${address}:${localPort}/`
}
