import { isIPv4, isIPv6 } from 'node:net'
import { CelError, CelOpaque } from '../values/value.ts'
import type { CelValue } from '../values/value.ts'
import { overload } from './overload.ts'
import type { Overload } from './overload.ts'

/** An IP address: 4 or 16 bytes. */
export class CelIp extends CelOpaque {
  readonly typeName = 'net.IP'
  readonly bytes: readonly number[]
  constructor(bytes: readonly number[]) {
    super()
    this.bytes = bytes
  }
  get costSize(): number {
    return this.bytes.length
  }
  isEqualTo(other: CelOpaque): boolean {
    return other instanceof CelIp && this.bytes.join() === other.bytes.join()
  }
}

/** A block of addresses: an address and how many bits of it count. */
export class CelCidr extends CelOpaque {
  readonly typeName = 'net.CIDR'
  readonly ip: CelIp
  readonly bits: number
  constructor(ip: CelIp, bits: number) {
    super()
    this.ip = ip
    this.bits = bits
  }
  get costSize(): number {
    return Math.ceil(this.bits / 8)
  }
  isEqualTo(other: CelOpaque): boolean {
    return other instanceof CelCidr && this.bits === other.bits && this.ip.isEqualTo(other.ip)
  }
}

function parseIp(text: string): CelIp | CelError {
  if (text.includes('%'))
    return new CelError(`IP address ${JSON.stringify(text)} with zone value is not allowed`)
  const bytes = bytesOf(text)
  if (!bytes)
    return new CelError(
      `IP Address ${JSON.stringify(text)} parse error during conversion from string: ParseAddr(${JSON.stringify(text)}): unable to parse IP`,
    )
  if (isMapped(bytes)) return new CelError(`IPv4-mapped IPv6 address ${JSON.stringify(text)} is not allowed`)
  return new CelIp(bytes)
}

function isMapped(bytes: readonly number[]): boolean {
  return (
    bytes.length === 16 &&
    bytes.slice(0, 10).every((byte) => byte === 0) &&
    bytes[10] === 255 &&
    bytes[11] === 255
  )
}

function bytesOf(text: string): number[] | undefined {
  if (isIPv4(text)) return text.split('.').map(Number)
  if (!isIPv6(text)) return undefined
  const dotted = /^(.*:)(\d+\.\d+\.\d+\.\d+)$/.exec(text)
  const [a = 0, b = 0, c = 0, d = 0] = dotted ? dotted[2]!.split('.').map(Number) : []
  const plain = dotted ? `${dotted[1]}${(a * 256 + b).toString(16)}:${(c * 256 + d).toString(16)}` : text
  const [head = '', tail] = plain.split('::')
  const groups = (part: string): string[] => (part === '' ? [] : part.split(':'))
  const left = groups(head)
  const right = tail === undefined ? [] : groups(tail)
  const all = [...left, ...Array<string>(8 - left.length - right.length).fill('0'), ...right]
  return all.flatMap((group) => {
    const value = Number.parseInt(group, 16)
    return [value >> 8, value & 255]
  })
}

/** RFC 5952. */
function formatIp({ bytes }: CelIp): string {
  if (bytes.length === 4) return bytes.join('.')
  const groups = Array.from({ length: 8 }, (_, index) => bytes[index * 2]! * 256 + bytes[index * 2 + 1]!)
  let best = { start: -1, length: 1 }
  for (let start = 0; start < 8; start++) {
    let length = 0
    while (start + length < 8 && groups[start + length] === 0) length++
    if (length > best.length) best = { start, length }
  }
  const hex = (part: number[]): string => part.map((group) => group.toString(16)).join(':')
  if (best.start < 0) return hex(groups)
  return `${hex(groups.slice(0, best.start))}::${hex(groups.slice(best.start + best.length))}`
}

function parseCidr(text: string): CelCidr | CelError {
  const [address = '', bitsText, ...rest] = text.split('/')
  const problem = (why: string): CelError =>
    new CelError(
      `network address parse error during conversion from string: network address ${JSON.stringify(text)} ${why}`,
    )
  if (bitsText === undefined || rest.length > 0 || !/^(0|[1-9]\d*)$/.test(bitsText))
    return problem('is not a valid CIDR')
  const ip = parseIp(address)
  if (ip instanceof CelError) return ip
  const bits = Number(bitsText)
  return bits > ip.bytes.length * 8 ? problem('is not a valid CIDR') : new CelCidr(ip, bits)
}

function maskBytes(bytes: readonly number[], bits: number): number[] {
  return bytes.map((byte, index) => {
    const kept = Math.min(8, Math.max(0, bits - index * 8))
    return byte & (0xff << (8 - kept)) & 0xff
  })
}

function holdsIp({ ip, bits }: CelCidr, other: CelIp): boolean {
  if (ip.bytes.length !== other.bytes.length) return false
  return maskBytes(ip.bytes, bits).join() === maskBytes(other.bytes, bits).join()
}

function orError<T extends CelValue>(value: T | CelError, use: (value: T) => CelValue): CelValue {
  return value instanceof CelError ? value : use(value)
}

const holdsCidr = (cidr: CelCidr, other: CelCidr): boolean =>
  cidr.bits <= other.bits && holdsIp(cidr, other.ip)
const isV4 = ({ bytes }: CelIp): boolean => bytes.length === 4
const isUnspecified = ({ bytes }: CelIp): boolean => bytes.every((byte) => byte === 0)
const isLoopback = (ip: CelIp): boolean =>
  isV4(ip) ? ip.bytes[0] === 127 : ip.bytes.slice(0, 15).every((byte) => byte === 0) && ip.bytes[15] === 1
const isLinkLocal = (ip: CelIp): boolean =>
  isV4(ip)
    ? ip.bytes[0] === 169 && ip.bytes[1] === 254
    : ip.bytes[0] === 0xfe && (ip.bytes[1]! & 0xc0) === 0x80
const isMulticast = (ip: CelIp): boolean => (isV4(ip) ? (ip.bytes[0]! & 0xf0) === 0xe0 : ip.bytes[0] === 0xff)
const isLinkLocalMulticast = (ip: CelIp): boolean =>
  isV4(ip)
    ? ip.bytes[0] === 224 && ip.bytes[1] === 0 && ip.bytes[2] === 0
    : ip.bytes[0] === 0xff && (ip.bytes[1]! & 0x0f) === 2
const isGlobalUnicast = (ip: CelIp): boolean => {
  const isBroadcast = isV4(ip) && ip.bytes.every((byte) => byte === 255)
  return !isUnspecified(ip) && !isBroadcast && !isLoopback(ip) && !isMulticast(ip) && !isLinkLocal(ip)
}

/** IP addresses and blocks of them (upstream: pkg/cel/library/ip.go, cidr.go). */
export const networkOverloads: Overload[] = [
  overload('string_to_ip', 'ip(string) -> IP', parseIp),
  overload('is_ip', 'isIP(string) -> bool', (text: string) => parseIp(text) instanceof CelIp),
  overload('ip_is_canonical', 'ip::isCanonical(string) -> bool', (text: string) =>
    orError(parseIp(text), (ip) => formatIp(ip) === text),
  ),
  overload('ip_family', 'IP.family() -> int', (ip: CelIp) => (isV4(ip) ? 4 : 6)),
  overload('ip_is_unspecified', 'IP.isUnspecified() -> bool', isUnspecified),
  overload('ip_is_loopback', 'IP.isLoopback() -> bool', isLoopback),
  overload('ip_is_link_local_multicast', 'IP.isLinkLocalMulticast() -> bool', isLinkLocalMulticast),
  overload('ip_is_link_local_unicast', 'IP.isLinkLocalUnicast() -> bool', isLinkLocal),
  overload('ip_is_global_unicast', 'IP.isGlobalUnicast() -> bool', isGlobalUnicast),
  overload('ip_to_string', 'string(IP) -> string', formatIp),
  overload('string_to_cidr', 'cidr(string) -> CIDR', parseCidr),
  overload('is_cidr', 'isCIDR(string) -> bool', (text: string) => parseCidr(text) instanceof CelCidr),
  overload('cidr_contains_ip_string', 'CIDR.containsIP(string) -> bool', (cidr: CelCidr, text: string) =>
    orError(parseIp(text), (ip) => holdsIp(cidr, ip)),
  ),
  overload('cidr_contains_ip_ip', 'CIDR.containsIP(IP) -> bool', holdsIp),
  overload('cidr_contains_cidr_string', 'CIDR.containsCIDR(string) -> bool', (cidr: CelCidr, text: string) =>
    orError(parseCidr(text), (other) => holdsCidr(cidr, other)),
  ),
  overload('cidr_contains_cidr', 'CIDR.containsCIDR(CIDR) -> bool', holdsCidr),
  overload('cidr_ip', 'CIDR.ip() -> IP', ({ ip }: CelCidr) => ip),
  overload('cidr_prefix_length', 'CIDR.prefixLength() -> int', ({ bits }: CelCidr) => bits),
  overload(
    'cidr_masked',
    'CIDR.masked() -> CIDR',
    ({ ip, bits }: CelCidr) => new CelCidr(new CelIp(maskBytes(ip.bytes, bits)), bits),
  ),
  overload('cidr_to_string', 'string(CIDR) -> string', ({ ip, bits }: CelCidr) => `${formatIp(ip)}/${bits}`),
]
