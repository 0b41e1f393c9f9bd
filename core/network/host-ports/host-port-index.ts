import type { Pod } from '../../api/generated/core-v1.ts'
import { objectKey } from '../../api/meta.ts'
import type { ObjectSource } from '../object-source.ts'
import { sidecarsOf } from '../../api/sidecars.ts'

/** A port of a pod that is also a port of its node. */
export interface HostPort {
  pod: Pod
  nodeName: string
  /** The node's address. */
  nodeIp: string
  /** The address of the node that it is open at; empty: at all of them. */
  hostIp: string
  port: number
  protocol: 'tcp' | 'udp'
  podIp: string
  containerPort: number
}

/** The host ports of all pods that have an address. One per process. */
export interface HostPortIndex {
  list(): HostPort[]
  onChange(listener: () => void): Disposable
  [Symbol.dispose](): void
}

/** Builds the index from the informer and keeps it up to date until disposed. */
export function createHostPortIndex(pods: ObjectSource<Pod>): HostPortIndex {
  const byPod = new Map<string, HostPort[]>()
  const listeners = new Set<() => void>()

  function put(pod: Pod): void {
    const key = objectKey(pod)
    const next = hostPortsOf(pod)
    if (!changes(byPod.get(key), next)) return
    if (next.length > 0) byPod.set(key, next)
    else byPod.delete(key)
    tell()
  }

  function tell(): void {
    for (const listener of listeners) listener()
  }

  const subscription = pods.addHandler({
    added: put,
    updated: put,
    deleted(pod) {
      if (byPod.delete(objectKey(pod))) tell()
    },
  })
  return {
    list: () => [...byPod.values()].flat(),
    onChange(listener) {
      listeners.add(listener)
      return { [Symbol.dispose]: () => void listeners.delete(listener) }
    },
    [Symbol.dispose]() {
      subscription[Symbol.dispose]()
      listeners.clear()
    },
  }
}

/** Whether a host port is open at every address of its node. */
export function isWildcardPort({ hostIp }: HostPort): boolean {
  return hostIp === '' || hostIp === '0.0.0.0' || hostIp === '::'
}

/** A pod that ended has lost its address, though its status keeps it. SCTP is not carried. */
function hostPortsOf(pod: Pod): HostPort[] {
  const { phase, podIP: podIp, hostIP: nodeIp } = pod.status ?? {}
  const { nodeName, containers } = pod.spec
  if (!podIp || !nodeIp || !nodeName || phase === 'Succeeded' || phase === 'Failed') return []
  return [...sidecarsOf(pod.spec), ...containers]
    .flatMap(({ ports = [] }) => ports)
    .flatMap(({ containerPort, hostPort, hostIP: hostIp = '', protocol = 'TCP' }): HostPort[] => {
      const carried = { TCP: 'tcp', UDP: 'udp' } as const
      if (!hostPort || !(protocol in carried)) return []
      const common = { pod, nodeName, nodeIp, hostIp, podIp, containerPort, port: hostPort }
      return [{ ...common, protocol: carried[protocol as keyof typeof carried] }]
    })
}

function changes(before: HostPort[] = [], after: HostPort[]): boolean {
  const told = (ports: HostPort[]): string => JSON.stringify(ports.map(({ pod: _, ...rest }) => rest))
  return before.length + after.length > 0 && told(before) !== told(after)
}
