import type { Registry } from '../../registry/registry.ts'
import type { Clock } from '../../util/clock.ts'

/** How many objects of a resource are stored, and how large they are on average in bytes. */
export interface ObjectStats {
  count: number
  averageBytes: number
}

/** So old a figure may be. */
const freshMs = 10_000
/** So many objects are looked at for their size. */
const sampled = 10

/**
 * Gives what was known last of a resource at once, and asks again behind the scenes when that is old; undefined until it is
 * known (upstream: object_count_tracker.go, which is fed by a poll of its own).
 */
export function createObjectStats(options: {
  registry: Registry
  clock: Clock
}): (group: string, version: string, resource: string) => ObjectStats | undefined {
  const { registry, clock } = options
  const known = new Map<string, { stats?: ObjectStats; askedAt: number }>()

  async function ask(key: string, [group, version, resource]: [string, string, string]): Promise<void> {
    const served = registry.resource(group, version, resource)
    if (!served || served.definition.isVirtual) return
    const page = await served.list({ limit: sampled })
    const bytes = page.entries.reduce((sum, entry) => sum + entry.bytes.length, 0)
    const averageBytes = page.entries.length > 0 ? bytes / page.entries.length : 0
    const count = page.entries.length + (page.remainingItemCount ?? 0)
    known.set(key, { stats: { count, averageBytes }, askedAt: clock.now() })
  }

  return (group, version, resource) => {
    const key = `${group}/${resource}`
    const entry = known.get(key)
    const now = clock.now()
    if (entry && now - entry.askedAt < freshMs) return entry.stats
    if (!entry && !registry.resource(group, version, resource)) return undefined
    known.set(key, { ...entry, askedAt: now })
    // A figure that cannot be had is no reason to hold up a request.
    void ask(key, [group, version, resource]).catch(() => undefined)
    return entry?.stats
  }
}
