/** Hands out the addresses of one node's pod range. Nothing is stored: after a restart running pods are adopted. */
export interface AddressAllocator {
  /** A free address for this pod; the same one until it is released. Throws when the range is exhausted. */
  allocate(podUid: string): string
  /** Marks an address as this pod's, whether or not it is of this range. */
  adopt(podUid: string, ip: string): void
  /** Gives the address back; it is handed out again only after all others, so that stale connections find nobody. */
  release(podUid: string): void
  addressOf(podUid: string): string | undefined
}

/**
 * An allocator for a /24 such as `10.244.1.0/24`. The first two addresses (network, reserved for a gateway) and the last
 * one are never handed out, as in upstream's host-local IPAM: room for 253 pods.
 */
export function createAddressAllocator(podCidr: string): AddressAllocator {
  const match = /^(\d{1,3}\.\d{1,3}\.\d{1,3})\.0\/24$/.exec(podCidr)
  if (!match) throw new Error(`pod range "${podCidr}": must be a /24, e.g. 10.244.1.0/24`)
  const prefix = match[1]
  const byPod = new Map<string, string>()
  const taken = new Set<string>()
  let last = 1

  return {
    allocate(podUid) {
      const known = byPod.get(podUid)
      if (known !== undefined) return known
      for (let step = 1; step <= 253; step++) {
        const number = 2 + ((last - 2 + step + 253) % 253)
        const ip = `${prefix}.${number}`
        if (taken.has(ip)) continue
        last = number
        byPod.set(podUid, ip)
        taken.add(ip)
        return ip
      }
      throw new Error(`no address is free in the pod range ${podCidr}`)
    },
    adopt(podUid, ip) {
      const known = byPod.get(podUid)
      if (known !== undefined) taken.delete(known)
      byPod.set(podUid, ip)
      taken.add(ip)
    },
    release(podUid) {
      const ip = byPod.get(podUid)
      if (ip === undefined) return
      byPod.delete(podUid)
      // Two pods can hold one address only when one of them was adopted after it had been handed out again.
      if (![...byPod.values()].includes(ip)) taken.delete(ip)
    },
    addressOf: (podUid) => byPod.get(podUid),
  }
}
