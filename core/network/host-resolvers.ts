import { getServers } from 'node:dns'
import { readFileSync } from 'node:fs'
import { parseResolvConf } from './resolv-conf.ts'
import type { ResolverConfig } from './resolv-conf.ts'

/**
 * How this machine resolves names, read anew at every call so that a VPN that comes or goes is noticed: /etc/resolv.conf
 * where there is one, else what the operating system told Node at start.
 */
export function readHostResolvers(file = '/etc/resolv.conf'): ResolverConfig {
  try {
    return parseResolvConf(readFileSync(file, 'utf8'))
  } catch {
    return { nameservers: getServers(), searches: [], options: [] }
  }
}
