import type { Pod, Service } from '../api/generated/core-v1.ts'
import type { Clock } from '../util/clock.ts'
import type { Logger } from '../util/logger.ts'
import { createAddressAllocator } from './ipam.ts'
import { renderResolvConf } from './resolv-conf.ts'
import type { ResolverConfig } from './resolv-conf.ts'
import { serviceEnvironment } from './service-environment.ts'
import type { ServiceIndex } from './service-index.ts'
import type { ServiceRanges } from './service-ranges.ts'
import { createServiceProxy, type ServiceProxy } from './service-proxy.ts'
import type { RuledSandbox } from './pod-followers.ts'
import type { HostEntries } from './host-entries.ts'
import type { HostPortIndex } from './host-ports/host-port-index.ts'
import type { HostTarget } from './host-target.ts'
import { createPolicyEnforcer } from './policy/policy-enforcer.ts'
import type { PolicyIndex } from './policy/policy-index.ts'
import type { RuleApplier } from './service-proxy.ts'
import type { ServiceEntry } from './service-rules/service-entries.ts'

export interface PodNetworkOptions {
  node: { name: string; podCidr: string }
  services: ServiceIndex
  policies: PolicyIndex
  /** Addresses of the machine that the pods run on, and of their node. */
  nodeAddresses: readonly string[]
  rules: RuleApplier
  /** The DNS server: its Service address, its zone, and where it really listens (undefined: pods cannot reach it). */
  dns: { clusterIp: string; domain: string; target: HostTarget | undefined }
  /** The API server: its Service address (port 443), and where it really listens. */
  apiServer: { clusterIp: string; target: HostTarget | undefined }
  /** Where pods reach the nodes' kubelets. */
  hostEntries: HostEntries
  /** Ports of the nodes that lead to pods. */
  hostPorts: HostPortIndex
  /** The networks of cluster IPs. */
  serviceRanges: ServiceRanges
  /** How the host resolves names; called whenever a pod's resolv.conf is made. */
  hostResolvers: () => ResolverConfig
  clock: Clock
  log: Logger
}

/** One node's part of the pod network; see the contract in core/kubelet/pod-network.ts for the order of calls. */
export interface NodePodNetwork {
  allocate(pod: Pod): Promise<string>
  adopt(podUid: string, ip: string): void
  setUp(sandbox: RuledSandbox): Promise<void>
  /**
   * Service rules for the network namespace of the node itself, which pods with hostNetwork share; `pid` is any process in it. No
   * network policy holds there, as upstream.
   */
  setUpNode(pid: number): Promise<void>
  /** That network namespace is gone. */
  tearDownNode(): void
  tearDown(podUid: string): Promise<void>
  release(podUid: string): void
  resolvConf(pod: Pod): string
  serviceEnvironment(pod: Pod): string[]
  dispose(): void
}

/** Creates the pod network of one node: addresses from its range, Service rules in its pods, their DNS configuration. */
export function createPodNetwork(options: PodNetworkOptions): NodePodNetwork {
  const { node, services, dns, apiServer } = options
  const addresses = createAddressAllocator(node.podCidr)
  const proxy = createProxy({ isForNode: false })
  let nodeProxy: ServiceProxy | undefined
  let nodePid: number | undefined
  const pids = new Map<string, number>()
  const policies = createPolicyEnforcer({
    policies: options.policies,
    nodeAddresses: options.nodeAddresses,
    dns: dns.target,
    rules: options.rules,
    clock: options.clock,
    log: options.log,
  })

  function createProxy({ isForNode }: { isForNode: boolean }): ServiceProxy {
    return createServiceProxy({
      nodeName: node.name,
      services,
      fixed: [
        ...(['udp', 'tcp'] as const).flatMap((protocol) => fixedEntry(dns, 53, protocol)),
        ...fixedEntry(apiServer, 443, 'tcp'),
      ],
      hostEntries: options.hostEntries,
      hostPorts: options.hostPorts,
      isForNode,
      serviceRanges: options.serviceRanges,
      rules: options.rules,
      clock: options.clock,
      log: options.log,
    })
  }

  function tearDownNode(): void {
    nodeProxy?.tearDown(node.name)
    if (nodePid !== undefined) options.rules.leaveRules(nodePid)
    nodePid = undefined
  }

  return {
    allocate: async (pod) => addresses.allocate(pod.metadata.uid ?? ''),
    adopt: (podUid, ip) => addresses.adopt(podUid, ip),
    async setUp(sandbox) {
      const earlier = pids.get(sandbox.podUid)
      if (earlier !== undefined && earlier !== sandbox.pid) options.rules.leaveRules(earlier)
      pids.set(sandbox.podUid, sandbox.pid)
      await Promise.all([proxy.setUp(sandbox), policies.setUp(sandbox)])
    },
    async setUpNode(pid) {
      tearDownNode()
      nodePid = pid
      nodeProxy ??= createProxy({ isForNode: true })
      const sandbox = { namespace: '', name: node.name, labels: {}, ip: '', pid }
      await nodeProxy.setUp({ ...sandbox, podUid: node.name })
    },
    tearDownNode,
    async tearDown(podUid) {
      proxy.tearDown(podUid)
      policies.tearDown(podUid)
      const pid = pids.get(podUid)
      if (pids.delete(podUid) && pid !== undefined) options.rules.leaveRules(pid)
    },
    release: (podUid) => addresses.release(podUid),
    resolvConf: (pod) =>
      renderResolvConf(pod, {
        clusterDnsIp: dns.clusterIp,
        clusterDomain: dns.domain,
        host: options.hostResolvers(),
      }),
    serviceEnvironment: (pod) =>
      serviceEnvironment(pod, [kubernetesService(apiServer.clusterIp), ...allServices(services)]),
    dispose() {
      proxy.dispose()
      nodeProxy?.dispose()
      policies.dispose()
    },
  }
}

function fixedEntry(
  service: { clusterIp: string; target: HostTarget | undefined },
  port: number,
  protocol: 'tcp' | 'udp',
): ServiceEntry[] {
  const { clusterIp, target } = service
  if (!target) return []
  return [{ clusterIp, protocol, port, endpoints: [`${target.ip}:${target.port}`], affinitySeconds: 0 }]
}

/** Stands in until the API server has made its own Service; a real one of the same name replaces it. */
function kubernetesService(clusterIP: string): Service {
  return {
    metadata: { name: 'kubernetes', namespace: 'default' },
    spec: { clusterIP, ports: [{ name: 'https', port: 443, protocol: 'TCP' }] },
  }
}

function* allServices(index: ServiceIndex): Generator<Service> {
  for (const key of index.keys()) {
    const service = index.service(key)
    if (service) yield service
  }
}
