import type { ServiceEntry } from './service-entries.ts'

/** Where connections to one address of a Service go. */
export type Backends = Pick<ServiceEntry, 'endpoints' | 'affinitySeconds'>

/**
 * The Service rules of a node's pods: backends by `clusterIp:port/protocol`. Services without endpoints are not in it. Never
 * changed once made, and shared by all pods.
 */
export type PodRules = ReadonlyMap<string, Backends>

/** The key of an entry, as in Kubernetes' own logs: `10.96.0.10:53/udp`. */
function entryKey(entry: Pick<ServiceEntry, 'clusterIp' | 'port' | 'protocol'>): string {
  return `${entry.clusterIp}:${entry.port}/${entry.protocol}`
}

/** Sorts entries into rules. Of two with the same key the later one counts. */
export function podRules(entries: Iterable<ServiceEntry>): PodRules {
  const rules = new Map<string, Backends>()
  for (const entry of entries) {
    if (entry.endpoints.length === 0) rules.delete(entryKey(entry))
    else rules.set(entryKey(entry), entry)
  }
  return rules
}
