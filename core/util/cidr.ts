import { SocketAddress, isIP } from 'node:net'

/** A network: the address as a number, its width in bits (32 or 128) and the length of the prefix. */
export interface Cidr {
  address: bigint
  width: number
  prefix: number
}

/** Parses `10.0.0.0/8` or `2001:db8::/64`; undefined for anything else. Bits beyond the prefix are kept. */
export function parseCidr(text: string): Cidr | undefined {
  const match = /^([^/]+)\/(0|[1-9]\d{0,2})$/.exec(text)
  if (!match) return undefined
  const family = isIP(match[1]!)
  const prefix = Number(match[2])
  const width = family === 4 ? 32 : 128
  if (family === 0 || prefix > width || match[1]!.includes('%')) return undefined
  return { address: family === 4 ? ipv4Number(match[1]!) : ipv6Number(match[1]!), width, prefix }
}

/**
 * A network as new objects may hold it: no leading zeros, no IPv4 network in IPv6 form, no bits beyond the prefix. Gives
 * what is wrong in upstream's words (IsValidCIDRForLegacyField with StrictIPCIDRValidation).
 */
export function checkCidr(text: string): string[] {
  const [address = '', prefix = ''] = text.split('/')
  const plain = `${plainAddress(address)}/${prefix.replace(/^0+(?=\d)/, '')}`
  const cidr = text.split('/').length === 2 ? parseCidr(plain) : undefined
  if (!cidr) return ['must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)']
  if (plain !== text) return ['must not have leading 0s in IP or prefix length']
  if (ipv4InIpv6(address)) return ['must not have an IPv4-mapped IPv6 address']
  return networkOf(cidr) === cidr.address ? [] : ['must not have bits set beyond the prefix length']
}

/** An address without the zeros in front of decimal octets, which some take for octal numbers. */
export function plainAddress(text: string): string {
  const at = text.lastIndexOf(':') + 1
  const octets = text.slice(at).split('.')
  if (octets.length === 1) return text
  return text.slice(0, at) + octets.map((octet) => octet.replace(/^0+(?=\d)/, '')).join('.')
}

/** Whether a valid address is an IPv6 one that stands for an IPv4 address, such as `::ffff:10.0.0.1`. */
export function ipv4InIpv6(address: string): boolean {
  return isIP(address) === 6 && ipv6Number(address) >> 32n === 0xffffn
}

/** The number of a network's first address. */
function networkOf({ address, width, prefix }: Cidr): bigint {
  const free = BigInt(width - prefix)
  return (address >> free) << free
}

/** Whether `inner` lies within `outer` and is smaller. */
export function isStrictSubnet(inner: Cidr, outer: Cidr): boolean {
  return inner.prefix > outer.prefix && holdsNetwork(outer, inner)
}

/** Whether one network lies within another, or is the same. */
export function holdsNetwork(outer: Cidr, inner: Cidr): boolean {
  if (inner.width !== outer.width || inner.prefix < outer.prefix) return false
  const free = BigInt(outer.width - outer.prefix)
  return inner.address >> free === outer.address >> free
}

/**
 * Whether a network has an address to give out: not its own, and not the last one of an IPv4 network (upstream:
 * servicecidr.PrefixContainsIP).
 */
export function holdsHost(network: Cidr, ip: string): boolean {
  const host = parseCidr(`${ip}/${network.width}`)
  if (!host || !holdsNetwork(network, host)) return false
  const first = networkOf(network)
  const last = first + (1n << BigInt(network.width - network.prefix)) - 1n
  return host.address !== first && (network.width === 128 || host.address !== last)
}

/** The canonical text of an IP address (RFC 5952 for IPv6); undefined for no address. */
export function canonicalIp(text: string): string | undefined {
  const family = isIP(text)
  if (family === 0 || text.includes('%')) return undefined
  return new SocketAddress({ address: text, family: family === 4 ? 'ipv4' : 'ipv6' }).address
}

/** The canonical text of a network: canonical address, nothing beyond the prefix; undefined for no network. */
export function canonicalCidr(text: string): string | undefined {
  const cidr = parseCidr(text)
  return cidr && `${canonicalIp(addressText(networkOf(cidr), cidr.width))!}/${cidr.prefix}`
}

function ipv4Number(text: string): bigint {
  return text.split('.').reduce((sum, part) => sum * 256n + BigInt(part), 0n)
}

function ipv6Number(text: string): bigint {
  const dotted = /^(.*:)(\d+\.\d+\.\d+\.\d+)$/.exec(text)
  const tail = dotted ? ipv4Number(dotted[2]!) : 0n
  const plain = dotted ? `${dotted[1]!}${(tail >> 16n).toString(16)}:${(tail & 0xffffn).toString(16)}` : text
  const [head = '', rest] = plain.split('::')
  const groups = (part: string): string[] => (part === '' ? [] : part.split(':'))
  const before = groups(head)
  const after = rest === undefined ? [] : groups(rest)
  const missing = Array.from({ length: 8 - before.length - after.length }, () => '0')
  const all = rest === undefined ? before : [...before, ...missing, ...after]
  return all.reduce((sum, group) => (sum << 16n) + BigInt(`0x${group}`), 0n)
}

function addressText(address: bigint, width: number): string {
  if (width === 32) return [24n, 16n, 8n, 0n].map((shift) => String((address >> shift) & 255n)).join('.')
  return Array.from({ length: 8 }, (_, at) =>
    ((address >> BigInt(112 - 16 * at)) & 0xffffn).toString(16),
  ).join(':')
}
