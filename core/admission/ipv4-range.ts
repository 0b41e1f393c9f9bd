import { isIPv4 } from 'node:net'

/** The addresses of an IPv4 network such as `10.96.0.0/16`. */
export interface Ipv4Range {
  readonly cidr: string
  /** Number of addresses, the network's own and the last one included. */
  readonly size: number
  includes(ip: string): boolean
  /** The address at an offset from the network's own. */
  at(offset: number): string
}

/** Parses a network in CIDR form. Throws an Error for anything else. */
export function parseIpv4Range(cidr: string): Ipv4Range {
  const [base = '', bits = ''] = cidr.split('/')
  const prefix = Number(bits)
  if (!isIPv4(base) || !/^\d+$/.test(bits) || prefix > 32) throw new Error(`not an IPv4 network: ${cidr}`)
  const size = 2 ** (32 - prefix)
  const start = Math.floor(toNumber(base) / size) * size
  return {
    cidr: `${toText(start)}/${prefix}`,
    size,
    includes: (ip) => isIPv4(ip) && toNumber(ip) > start && toNumber(ip) < start + size - 1,
    at: (offset) => toText(start + offset),
  }
}

function toNumber(ip: string): number {
  return ip.split('.').reduce((sum, part) => sum * 256 + Number(part), 0)
}

function toText(value: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(value / 2 ** shift) % 256).join('.')
}
