import { isIP, isIPv4 } from 'node:net'
import { goQuote } from '../../api/go-text.ts'
import { canonicalIp, ipv4InIpv6, parseCidr, plainAddress } from '../../util/cidr.ts'

/** The family of a well-formed address as Services name it; IPv6 for anything that is not IPv4. */
export function ipFamily(ip: string): 'IPv4' | 'IPv6' {
  return isIPv4(ip) ? 'IPv4' : 'IPv6'
}

/**
 * An IPv4 or IPv6 address as new objects may hold it: no leading zeros, no IPv4 address in IPv6 form. Gives what is wrong
 * in upstream's words (IsValidIPForLegacyField with StrictIPCIDRValidation).
 */
export function checkIp(value: string): string[] {
  const plain = plainAddress(value)
  if (isIP(plain) === 0 || plain.includes('%')) {
    return ['must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)']
  }
  if (plain !== value) return ['must not have leading 0s']
  return ipv4InIpv6(value) ? ['must not be an IPv4-mapped IPv6 address'] : []
}

/** An address with the length of its network's prefix, in its canonical form (upstream: IsValidInterfaceAddress). */
export function checkInterfaceAddress(value: string): string[] {
  const [address = '', prefix = '', ...more] = value.split('/')
  const plain = plainAddress(address)
  const cidr = more.length === 0 ? parseCidr(`${plain}/${prefix.replace(/^0+(?=\d)/, '')}`) : undefined
  if (!cidr) return ['must be a valid address in CIDR form, (e.g. 10.9.8.7/24 or 2001:db8::1/64)']
  const mapped = ipv4InIpv6(plain) ? 96 : 0
  const ip = mapped ? canonicalIp(plain)!.replace('::ffff:', '') : canonicalIp(plain)!
  const canonical = `${ip}/${cidr.prefix > mapped ? cidr.prefix - mapped : cidr.prefix}`
  return value === canonical ? [] : [`must be in canonical form (${goQuote(canonical)})`]
}

/**
 * An address that traffic from elsewhere can be sent to. Gives what is wrong with a valid address in upstream's words
 * (pkg/apis/core/validation ValidateEndpointIP).
 */
export function checkOrdinaryIp(value: string): string[] {
  const problems: string[] = []
  const is = (pattern: RegExp): boolean => pattern.test(canonicalIp(value) ?? value)
  if (is(/^(?:0\.0\.0\.0|::)$/)) problems.push(`may not be unspecified (${value})`)
  if (is(/^(?:127\.|::1$)/)) problems.push('may not be in the loopback range (127.0.0.0/8, ::1/128)')
  if (is(/^(?:169\.254\.|fe[89ab][0-9a-f]:)/)) {
    problems.push('may not be in the link-local range (169.254.0.0/16, fe80::/10)')
  }
  if (is(/^(?:224\.0\.0\.|ff[0-9a-f]2:)/)) {
    problems.push('may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)')
  }
  return problems
}
