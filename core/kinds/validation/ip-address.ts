import { isIP, isIPv4 } from 'node:net'

/** The family of a well-formed address as Services name it; IPv6 for anything that is not IPv4. */
export function ipFamily(ip: string): 'IPv4' | 'IPv6' {
  return isIPv4(ip) ? 'IPv4' : 'IPv6'
}

/** An IPv4 or IPv6 address; gives what is wrong in upstream's words. */
export function checkIp(value: string): string[] {
  return isIP(value) === 0 || value.includes('%')
    ? ['must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)']
    : []
}
