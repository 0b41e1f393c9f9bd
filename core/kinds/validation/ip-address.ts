import { isIP } from 'node:net'

/** An IPv4 or IPv6 address; gives what is wrong in upstream's words. */
export function checkIp(value: string): string[] {
  return isIP(value) === 0 ? ['must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)'] : []
}
