import type { Pod } from '../api/generated/core-v1.ts'

/**
 * What the kubelet asks of the network (implemented by `core/network/`, wired in `core/cluster/`). The order for a new
 * pod: `allocate` → sandbox started with that address → `setUp` → app containers. `setUp` resolves only when the pod's
 * Service rules and network policies are in place, so a pod never runs without them (fail closed).
 */
export interface PodNetwork {
  /** A free address in this node's pod range; the same pod uid gets the same address until `release`. */
  allocate(pod: Pod): Promise<string>
  /** Marks an address as taken when a running pod is adopted after a restart. */
  adopt(podUid: string, ip: string): void
  setUp(sandbox: NetworkSandbox): Promise<void>
  tearDown(podUid: string): Promise<void>
  release(podUid: string): void
  /** resolv.conf for this pod's dnsPolicy and dnsConfig. */
  resolvConf(pod: Pod): string
  /** Environment upstream injects for Services (KUBERNETES_SERVICE_HOST …), `NAME=value`. */
  serviceEnvironment(pod: Pod): string[]
}

/** A running sandbox, as the network sees it. */
export interface NetworkSandbox {
  podUid: string
  namespace: string
  name: string
  labels: Record<string, string>
  ip: string
  pid: number
}
