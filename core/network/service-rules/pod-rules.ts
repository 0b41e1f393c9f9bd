import { createHash } from 'node:crypto'
import type { ServiceEntry } from './service-entries.ts'

/**
 * The Service rules of one pod: endpoints (`address:port`) by `clusterIp:port/protocol`. Services without endpoints are not
 * in it. Never changed once made, and shared between pods where it is the same.
 */
export type PodRules = ReadonlyMap<string, readonly string[]>

/** All Services of the cluster as one node sees them. */
export interface ServiceTable {
  /** Rules that are the same for every pod. */
  common: PodRules
  /** Entries with client affinity, which differ from pod to pod. */
  affine: PodRules
}

/** The key of an entry, as in Kubernetes' own logs: `10.96.0.10:53/udp`. */
function entryKey(entry: Pick<ServiceEntry, 'clusterIp' | 'port' | 'protocol'>): string {
  return `${entry.clusterIp}:${entry.port}/${entry.protocol}`
}

/** Sorts entries into a table. Of two with the same key the later one counts. */
export function serviceTable(entries: Iterable<ServiceEntry>): ServiceTable {
  const common = new Map<string, readonly string[]>()
  const affine = new Map<string, readonly string[]>()
  for (const entry of entries) {
    const key = entryKey(entry)
    common.delete(key)
    affine.delete(key)
    if (entry.endpoints.length === 0) continue
    const target = entry.clientAffinity && entry.endpoints.length > 1 ? affine : common
    target.set(key, entry.endpoints)
  }
  return { common, affine }
}

/**
 * What applies to one pod. Inside a pod's own network namespace there is only one client address, so affinity means one
 * endpoint for the pod: the one it has (`before`), and when that is gone the one with the highest hash, so that a
 * restart of the control plane chooses the same again.
 */
export function rulesForPod(table: ServiceTable, podIp: string, before?: PodRules): PodRules {
  if (table.affine.size === 0) return table.common
  const rules = new Map(table.common)
  for (const [key, endpoints] of table.affine) {
    const kept = before?.get(key)
    const chosen =
      kept?.length === 1 && kept[0] !== undefined && endpoints.includes(kept[0])
        ? kept[0]
        : highestHash(endpoints, `${podIp} ${key}`)
    rules.set(key, [chosen])
  }
  return rules
}

function highestHash(endpoints: readonly string[], client: string): string {
  const scored = endpoints.map((endpoint) => ({
    endpoint,
    score: createHash('sha256').update(`${client} ${endpoint}`).digest('hex'),
  }))
  return scored.reduce((best, item) => (item.score > best.score ? item : best)).endpoint
}
