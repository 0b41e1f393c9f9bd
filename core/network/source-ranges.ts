import { BlockList, isIPv4, isIPv6 } from 'node:net'

/** The networks that callers may come from, or may not: `10.0.0.0/8`, or single addresses. What is neither is left out. */
export function sourceRanges(ranges: readonly string[]): BlockList {
  const list = new BlockList()
  for (const range of ranges) {
    const [address = '', ...rest] = range.trim().split('/')
    const length = isIPv4(address) ? 32 : isIPv6(address) ? 128 : undefined
    const bits = length && prefixLength(rest, length)
    if (bits !== undefined) list.addSubnet(address, bits, length === 32 ? 'ipv4' : 'ipv6')
  }
  return list
}

function prefixLength(rest: readonly string[], longest: number): number | undefined {
  const [text = String(longest), ...more] = rest
  if (more.length > 0 || !/^\d{1,3}$/.test(text) || Number(text) > longest) return undefined
  return Number(text)
}

/** Whether an address is in one of the networks. */
export function isInRanges(list: BlockList, address: string): boolean {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1]
  if (mapped) return list.check(mapped)
  return list.check(address, isIPv6(address) ? 'ipv6' : 'ipv4')
}
