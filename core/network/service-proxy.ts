import type { Clock } from '../util/clock.ts'
import type { Logger } from '../util/logger.ts'
import type { ServiceIndex } from './service-index.ts'
import { rulesForPod, serviceTable } from './service-rules/pod-rules.ts'
import type { PodRules, ServiceTable } from './service-rules/pod-rules.ts'
import { goneUdpEndpoints, renderChange, renderRuleset } from './service-rules/render-rules.ts'
import { serviceEntries } from './service-rules/service-entries.ts'
import type { ServiceEntry } from './service-rules/service-entries.ts'

/** How rules get into a pod (the kubelet's node agent). */
export interface RuleApplier {
  /** Loads an nft ruleset as one transaction in the network namespace of process `pid`. */
  applyRules(pid: number, ruleset: string): Promise<void>
  /** Forgets UDP connections to a Service address that go to an endpoint which is gone. */
  forgetFlows(
    pid: number,
    flows: Array<{ clusterIp: string; port: number; endpointIp: string }>,
  ): Promise<void>
}

/** A running sandbox whose network namespace gets rules. */
export interface RuledSandbox {
  podUid: string
  namespace: string
  name: string
  ip: string
  pid: number
}

export interface ServiceProxyOptions {
  nodeName: string
  services: ServiceIndex
  /** Entries that are always there and win over those of the same address: the API server and the cluster DNS. */
  fixed: readonly ServiceEntry[]
  /** The range of cluster IPs; whatever in it has no endpoints is refused. */
  serviceRange: string
  rules: RuleApplier
  clock: Clock
  log: Logger
}

/** Keeps the Service rules of every pod of one node true (upstream: kube-proxy). */
export interface ServiceProxy {
  /** Resolves when the pod has all rules as of now. Called again for a pod whose sandbox was replaced. */
  setUp(sandbox: RuledSandbox): Promise<void>
  /** Stops caring for the pod; its rules vanish with its network namespace. */
  tearDown(podUid: string): void
  dispose(): void
}

/** Changes that come within this time become one update. */
const batchMs = 10
const setUpAttempts = 3
const maxRetryMs = 5000

interface PodState {
  sandbox: RuledSandbox
  applied: { version: number; rules: PodRules } | undefined
  update: Promise<void> | undefined
  failures: number
  gone: boolean
}

/** Starts following the index. See ServiceProxy for what it guarantees. */
export function createServiceProxy(options: ServiceProxyOptions): ServiceProxy {
  const { services, rules, clock, log } = options
  const pods = new Map<string, PodState>()
  const entries = new Map<string, ServiceEntry[]>()
  const changed = new Set<string>()
  let table: ServiceTable = { common: new Map(), affine: new Map() }
  let version = 0
  let batch: Disposable | undefined

  function rebuild(): void {
    for (const key of changed) {
      const service = services.service(key)
      if (service) entries.set(key, serviceEntries(service, services.slices(key), options.nodeName))
      else entries.delete(key)
    }
    changed.clear()
    table = serviceTable([...[...entries.values()].flat(), ...options.fixed])
    version++
  }

  function flush(): void {
    batch?.[Symbol.dispose]()
    batch = undefined
    if (changed.size === 0) return
    rebuild()
    for (const pod of pods.values()) follow(pod)
  }

  const subscription = services.onChange((key) => {
    changed.add(key)
    batch ??= clock.after(batchMs, flush)
  })
  for (const key of services.keys()) changed.add(key)
  rebuild()

  /** One step at a time per pod, until its rules are those of the newest table. Rejects at the first failure. */
  async function bringUpToDate(pod: PodState): Promise<void> {
    while (!pod.gone && pod.applied?.version !== version) {
      const target = version
      const before = pod.applied?.rules
      const wanted = rulesForPod(table, pod.sandbox.ip, before)
      const ruleset = before ? renderChange(before, wanted) : renderRuleset(wanted, options.serviceRange)
      // After a failure it is not known what the pod has: the next attempt replaces everything.
      pod.applied = undefined
      if (ruleset !== '') await rules.applyRules(pod.sandbox.pid, ruleset)
      const flows = before ? goneUdpEndpoints(before, wanted) : []
      if (flows.length > 0) await rules.forgetFlows(pod.sandbox.pid, flows)
      pod.applied = { version: target, rules: wanted }
      pod.failures = 0
    }
  }

  function update(pod: PodState): Promise<void> {
    pod.update ??= bringUpToDate(pod).finally(() => (pod.update = undefined))
    return pod.update
  }

  function follow(pod: PodState): void {
    update(pod).catch((error: unknown) => retryLater(pod, error))
  }

  function retryLater(pod: PodState, error: unknown): void {
    if (pod.gone) return
    const { namespace, name } = pod.sandbox
    const delayMs = Math.min(100 * 2 ** pod.failures++, maxRetryMs)
    log.warn('service rules not applied', { pod: `${namespace}/${name}`, error: String(error), delayMs })
    clock.after(delayMs, () => follow(pod))
  }

  return {
    async setUp(sandbox) {
      await services.synced
      flush()
      const old = pods.get(sandbox.podUid)
      if (old) old.gone = true
      const pod: PodState = { sandbox, applied: undefined, update: undefined, failures: 0, gone: false }
      // From here on changes of the index reach it too.
      pods.set(sandbox.podUid, pod)
      for (let attempt = 1; ; attempt++) {
        try {
          return await update(pod)
        } catch (error) {
          if (attempt < setUpAttempts && !pod.gone) continue
          pod.gone = true
          if (pods.get(sandbox.podUid) === pod) pods.delete(sandbox.podUid)
          throw error
        }
      }
    },
    tearDown(podUid) {
      const pod = pods.get(podUid)
      if (pod) pod.gone = true
      pods.delete(podUid)
    },
    dispose() {
      subscription[Symbol.dispose]()
      batch?.[Symbol.dispose]()
      for (const pod of pods.values()) pod.gone = true
      pods.clear()
    },
  }
}
