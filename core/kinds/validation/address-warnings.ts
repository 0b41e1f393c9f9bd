import {
  canonicalCidr,
  canonicalIp,
  checkCidr,
  ipv4InIpv6,
  parseCidr,
  plainAddress,
} from '../../util/cidr.ts'

/** What to say of an address that is taken though it should be written otherwise (upstream: GetWarningsForIP). */
export function warnOfIp(text: string, path: string): string[] {
  const plain = plainAddress(text)
  const canonical = canonicalIp(plain)
  if (canonical === undefined) return []
  if (plain !== text || ipv4InIpv6(plain)) {
    const better = ipv4InIpv6(plain) ? ipv4Of(plain) : canonical
    return [
      `${path}: non-standard IP address ${JSON.stringify(text)} is invalid: use ${JSON.stringify(better)}`,
    ]
  }
  if (canonical === text) return []
  return [
    `${path}: IPv6 address ${JSON.stringify(text)} should be in RFC 5952 canonical format (${JSON.stringify(canonical)})`,
  ]
}

/** The same of the addresses of a load balancer, as the status of what has one tells them. */
export function warnOfBalancer(points: readonly { ip?: string }[] = []): string[] {
  return points.flatMap(({ ip }, at) => (ip ? warnOfIp(ip, `status.loadBalancer.ingress[${at}]`) : []))
}

/** The same of a network (upstream: GetWarningsForCIDR). */
export function warnOfCidr(text: string, path: string): string[] {
  const [address = '', prefix = ''] = text.split('/')
  const plain = `${plainAddress(address)}/${prefix.replace(/^0+(?=\d)/, '')}`
  const network = canonicalCidr(plain)
  if (network === undefined) return []
  const warnings: string[] = []
  const [wrong] = checkCidr(plain)
  if (wrong === 'must not have bits set beyond the prefix length') {
    const single = `${canonicalIp(plainAddress(address))!}/${parseCidr(plain)!.width}`
    warnings.push(
      `${path}: CIDR value ${JSON.stringify(text)} is ambiguous in this context (should be ${JSON.stringify(network)} or ${JSON.stringify(single)}?)`,
    )
  }
  if (plain !== text) {
    warnings.push(
      `${path}: non-standard CIDR value ${JSON.stringify(text)} is invalid: use ${JSON.stringify(network)}`,
    )
  }
  if (warnings.length > 0 || network === text) return warnings
  return [
    `${path}: IPv6 CIDR value ${JSON.stringify(text)} should be in RFC 5952 canonical format (${JSON.stringify(network)})`,
  ]
}

function ipv4Of(mapped: string): string {
  const dotted = /(\d+\.\d+\.\d+\.\d+)$/.exec(mapped)
  if (dotted) return dotted[1]!
  const [high = 0, low = 0] = mapped
    .split(':')
    .slice(-2)
    .map((group) => Number.parseInt(group || '0', 16))
  return [high >> 8, high & 255, low >> 8, low & 255].join('.')
}
