import { BlockList, isIPv4, isIPv6 } from 'node:net'

/** The networks that callers may come from, or may not: `10.0.0.0/8`, or single addresses. What is neither is left out. */
export function sourceRanges(ranges: readonly string[]): BlockList {
  const list = new BlockList()
  for (const range of ranges) {
    const [address = '', bits] = range.trim().split('/')
    if (isIPv4(address)) list.addSubnet(address, Number(bits ?? 32), 'ipv4')
    else if (isIPv6(address)) list.addSubnet(address, Number(bits ?? 128), 'ipv6')
  }
  return list
}

/** Whether an address is in one of the networks. */
export function isInRanges(list: BlockList, address: string): boolean {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1]
  if (mapped) return list.check(mapped)
  return list.check(address, isIPv6(address) ? 'ipv6' : 'ipv4')
}
