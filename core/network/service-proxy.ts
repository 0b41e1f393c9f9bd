import type { Clock } from '../util/clock.ts'
import type { Logger } from '../util/logger.ts'
import type { HostEntries } from './host-entries.ts'
import { createPodFollowers, type PodFollowers } from './pod-followers.ts'
import type { ServiceIndex } from './service-index.ts'
import type { ServiceRanges } from './service-ranges.ts'
import { hostPortEntries } from './host-ports/host-port-entries.ts'
import type { HostPortIndex } from './host-ports/host-port-index.ts'
import { podRules, type PodRules } from './service-rules/pod-rules.ts'
import { renderChange, renderRanges, renderRuleset, staleUdpFlows } from './service-rules/render-rules.ts'
import type { StaleFlow } from './service-rules/render-rules.ts'
import { serviceEntries } from './service-rules/service-entries.ts'
import type { NodeAddress, ServiceEntry } from './service-rules/service-entries.ts'

/** How rules get into a pod (the kubelet's node agent). */
export interface RuleApplier {
  /** Loads an nft ruleset as one transaction in the network namespace of process `pid`. */
  applyRules(pid: number, ruleset: string): Promise<void>
  /** Forgets UDP connections to Service addresses that go where they should no more. */
  forgetFlows(pid: number, flows: StaleFlow[]): Promise<void>
  /** No more rules will be applied for process `pid`, which is about to end or has. */
  leaveRules(pid: number): void
}

export interface ServiceProxyOptions {
  nodeName: string
  services: ServiceIndex
  /** Entries that are always there and win over those of the same address: the API server and the cluster DNS. */
  fixed: readonly ServiceEntry[]
  /** Likewise, and changing: the kubelets. Node ports answer at the addresses of the nodes in it. */
  hostEntries: HostEntries
  /** Answer at the nodes' addresses too. */
  hostPorts: HostPortIndex
  /** The rules are for the namespace of the node, not for its pods'. */
  isForNode?: boolean
  /** The networks of cluster IPs; whatever in them has no endpoints is refused. */
  serviceRanges: ServiceRanges
  rules: Pick<RuleApplier, 'applyRules' | 'forgetFlows'>
  clock: Clock
  log: Logger
}

/** Keeps the Service rules of every pod of one node true (upstream: kube-proxy). */
export type ServiceProxy = Omit<PodFollowers, 'followAll'>

/** Changes that come within this time become one update. */
const batchMs = 10

/** From earlier rules to the newest. */
interface Change {
  ruleset: string
  flows: StaleFlow[]
}

/** Starts following the index. See PodFollowers for what it guarantees. */
export function createServiceProxy(options: ServiceProxyOptions): ServiceProxy {
  const { services, serviceRanges, hostEntries, hostPorts, rules, clock, log, isForNode = false } = options
  const entries = new Map<string, ServiceEntry[]>()
  const changed = new Set<string>()
  let areHostEntriesNew = true
  let areHostPortsNew = true
  let atHostPorts: ServiceEntry[] = []
  let nodes: NodeAddress[] = []
  let table: PodRules = new Map()
  let changes = new Map<PodRules, Change>()
  let ranges: readonly string[] = []
  let version = 0
  let batch: Disposable | undefined

  const pods = createPodFollowers<{ version: number; rules: PodRules; ranges: readonly string[] }>({
    what: 'service rules',
    isCurrent: (applied) => applied.version === version,
    async apply(sandbox, applied) {
      const target = version
      const wanted = table
      const refused = ranges
      const change = applied ? changeFrom(applied.rules) : undefined
      const ruleset =
        applied && change
          ? change.ruleset + (applied.ranges === refused ? '' : renderRanges(refused))
          : renderRuleset(wanted, refused, { isForNode })
      if (ruleset !== '') await rules.applyRules(sandbox.pid, ruleset)
      if (change && change.flows.length > 0) await rules.forgetFlows(sandbox.pid, change.flows)
      return { version: target, rules: wanted, ranges: refused }
    },
    clock,
    log,
  })

  /** Nearly all pods have the same rules, so that the change is the same too. */
  function changeFrom(before: PodRules): Change {
    let change = changes.get(before)
    if (!change) {
      change = { ruleset: renderChange(before, table), flows: staleUdpFlows(before, table) }
      changes.set(before, change)
    }
    return change
  }

  function rebuild(): void {
    if (areHostEntriesNew) {
      areHostEntriesNew = false
      nodes = hostEntries.nodes()
      for (const key of services.keys()) changed.add(key)
    }
    const zoned = nodes.map((node) => ({ ...node, zone: services.zoneOf(node.name) }))
    const here = { name: options.nodeName, zone: services.zoneOf(options.nodeName) }
    if (areHostPortsNew) {
      areHostPortsNew = false
      atHostPorts = hostPortEntries(hostPorts.list(), isForNode ? options.nodeName : undefined)
    }
    for (const key of changed) {
      const service = services.service(key)
      if (service) entries.set(key, serviceEntries(service, services.slices(key), here, zoned))
      else entries.delete(key)
    }
    changed.clear()
    ranges = serviceRanges.list()
    table = podRules([
      ...atHostPorts,
      ...[...entries.values()].flat(),
      ...hostEntries.list(),
      ...options.fixed,
    ])
    changes = new Map()
    version++
  }

  function flush(): void {
    batch?.[Symbol.dispose]()
    batch = undefined
    const areRangesNew = ranges !== serviceRanges.list()
    if (changed.size === 0 && !areHostEntriesNew && !areHostPortsNew && !areRangesNew) return
    rebuild()
    pods.followAll()
  }

  const subscriptions = [
    services.onChange((key) => {
      changed.add(key)
      batch ??= clock.after(batchMs, flush)
    }),
    serviceRanges.onChange(() => {
      batch ??= clock.after(batchMs, flush)
    }),
    hostEntries.onChange(() => {
      areHostEntriesNew = true
      batch ??= clock.after(batchMs, flush)
    }),
    hostPorts.onChange(() => {
      areHostPortsNew = true
      batch ??= clock.after(batchMs, flush)
    }),
  ]
  rebuild()

  return {
    async setUp(sandbox) {
      await Promise.all([services.synced, serviceRanges.synced])
      flush()
      await pods.setUp(sandbox)
    },
    tearDown: (podUid) => pods.tearDown(podUid),
    dispose() {
      for (const subscription of subscriptions) subscription[Symbol.dispose]()
      batch?.[Symbol.dispose]()
      pods.dispose()
    },
  }
}
