/**
 * Whether an address is one of the machine's own loopback. What this process opens on this machine, load balancers and Ingresses
 * among them, has such addresses and nothing else does: by that they are told from those that others gave.
 */
export function isLoopbackAddress(address: string | undefined): boolean {
  return address !== undefined && (address.startsWith('127.') || address === '::1')
}
