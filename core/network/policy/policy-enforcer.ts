import type { Clock } from '../../util/clock.ts'
import type { Logger } from '../../util/logger.ts'
import { createPodFollowers, type PodFollowers, type RuledSandbox } from '../pod-followers.ts'
import type { RuleApplier } from '../service-proxy.ts'
import { compilePolicy } from './compile-policy.ts'
import { createPeerLookup, type PeerLookup } from './peer-lookup.ts'
import type { PolicyIndex } from './policy-index.ts'
import type { PolicyPod } from './policy-pods.ts'
import {
  renderPolicy,
  renderPolicyChange,
  renderWholePolicy,
  type PolicySurroundings,
  type RenderedPolicy,
} from './render-policy.ts'

export interface PolicyEnforcerOptions extends PolicySurroundings {
  policies: PolicyIndex
  rules: Pick<RuleApplier, 'applyRules'>
  clock: Clock
  log: Logger
}

/** Keeps every pod of one node within the network policies that select it. */
export type PolicyEnforcer = Omit<PodFollowers, 'followAll'>

/** Changes that come within this time become one update. */
const batchMs = 10

/**
 * Starts following the index. `setUp` resolves when the pod's policies are in force, so nothing of it is ever reached that
 * they deny. A change reaches connections that are made after it; those that exist go on.
 */
export function createPolicyEnforcer(options: PolicyEnforcerOptions): PolicyEnforcer {
  const { policies, clock } = options
  const dnsPods = options.dns ? [clusterDns(options.dns.ip)] : []
  let lookup: PeerLookup | undefined
  let version = 0
  let batch: Disposable | undefined

  const pods = createPodFollowers<{ version: number; policy: RenderedPolicy }>({
    what: 'network policies',
    isCurrent: (applied) => applied.version === version,
    async apply(sandbox, applied) {
      const target = version
      const policy = policyOf(sandbox)
      const ruleset = applied ? renderPolicyChange(applied.policy, policy) : renderWholePolicy(policy)
      if (ruleset !== '') await options.rules.applyRules(sandbox.pid, ruleset)
      return { version: target, policy }
    },
    clock,
    log: options.log,
  })

  function policyOf(sandbox: RuledSandbox): RenderedPolicy {
    const { namespace, name, labels, ip } = sandbox
    // A pod that the API does not have (yet, or any more) is judged by what its kubelet knows of it.
    const pod = policies.pod(namespace, name) ?? { namespace, labels, ip, ports: [] }
    lookup ??= createPeerLookup(policies, dnsPods)
    return renderPolicy(compilePolicy(pod, policies.policies(namespace), lookup), options)
  }

  function flush(): void {
    batch?.[Symbol.dispose]()
    batch = undefined
    pods.followAll()
  }

  const subscription = policies.onChange(() => {
    version++
    lookup = undefined
    batch ??= clock.after(batchMs, flush)
  })

  return {
    async setUp(sandbox) {
      await policies.synced
      await pods.setUp(sandbox)
    },
    tearDown: (podUid) => pods.tearDown(podUid),
    dispose() {
      subscription[Symbol.dispose]()
      batch?.[Symbol.dispose]()
      pods.dispose()
    },
  }
}

/** The cluster DNS runs in this process, not in a pod; policies name it as they do on any other cluster. */
function clusterDns(ip: string): PolicyPod {
  return {
    namespace: 'kube-system',
    labels: { 'k8s-app': 'kube-dns' },
    ip,
    ports: [
      { name: 'dns', protocol: 'UDP', port: 53 },
      { name: 'dns-tcp', protocol: 'TCP', port: 53 },
    ],
  }
}
