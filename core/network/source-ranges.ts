import { BlockList, isIPv6 } from 'node:net'
import { parseCidr } from '../util/cidr.ts'

/** The networks that callers may come from, or may not: `10.0.0.0/8`, or single addresses. What is neither is left out. */
export function sourceRanges(ranges: readonly string[]): BlockList {
  const list = new BlockList()
  for (const range of ranges) {
    const text = range.trim().replace(/\/0+(?=\d)/, '/')
    const [address = ''] = text.split('/')
    const network = parseCidr(text === address ? `${address}/${isIPv6(address) ? 128 : 32}` : text)
    if (network) list.addSubnet(address, network.prefix, network.width === 32 ? 'ipv4' : 'ipv6')
  }
  return list
}

/** Whether an address is in one of the networks. */
export function isInRanges(list: BlockList, address: string): boolean {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1]
  if (mapped) return list.check(mapped)
  return list.check(address, isIPv6(address) ? 'ipv6' : 'ipv4')
}
