import { isIPv4 } from 'node:net'
import type { Service, ServicePort } from '../../api/generated/core-v1.ts'
import type { Endpoint, EndpointSlice } from '../../api/generated/discovery-v1.ts'
import { clusterIps } from '../service-index.ts'
import { nearest, type Candidate, type Place } from './nearest.ts'

/** One address, protocol and port of a Service, and where its connections go. */
export interface ServiceEntry {
  clusterIp: string
  protocol: 'tcp' | 'udp'
  port: number
  /** `address:port`, sorted, without duplicates. Empty: connections are refused. */
  endpoints: readonly string[]
  /** sessionAffinity ClientIP: how long a client keeps its endpoint after its last connection. 0: no affinity. */
  affinitySeconds: number
}

/** A node of the cluster and its address on the pod network. */
export interface NodeAddress extends Place {
  ip: string
}

/** A Service or an EndpointSlice with one of these is another proxy's to serve (upstream: cmd/kube-proxy/app/server.go, its informers' selector). */
const labelsOfOthers = ['service.kubernetes.io/service-proxy-name', 'service.kubernetes.io/headless']

/** Three hours (upstream: core/v1 DefaultClientIPServiceAffinitySeconds). */
const defaultAffinitySeconds = 10_800

/**
 * The entries of a Service for pods on one node: its cluster IPs, its external and load-balancer IPs, and its node ports at every
 * node's address. Which endpoints count follows kube-proxy (pkg/proxy/topology.go): the ready ones; if there is none, those that
 * still serve while they terminate; with internalTrafficPolicy Local only those on the same node, and with externalTrafficPolicy
 * Local at a node's port only those on that node; where no policy keeps to a node, the ready ones that the slices' hints mean for
 * it. publishNotReadyAddresses is in the slices' conditions already.
 */
export function serviceEntries(
  service: Service,
  slices: readonly EndpointSlice[],
  here: Place,
  nodes: readonly NodeAddress[] = [],
): ServiceEntry[] {
  const { spec } = service
  if (isOfOthers(service)) return []
  const ours = slices.filter((slice) => !isOfOthers(slice))
  const affinitySeconds = affinityOf(service)
  const isInternalLocal = spec?.internalTrafficPolicy === 'Local'
  const isExternalLocal = spec?.externalTrafficPolicy === 'Local'
  return (spec?.ports ?? []).flatMap((servicePort): ServiceEntry[] => {
    const { port, nodePort } = servicePort
    const protocol = (servicePort.protocol ?? 'TCP').toLowerCase()
    if (protocol !== 'tcp' && protocol !== 'udp') return []
    const all = candidates(servicePort, ours)
    const endpointsAt = (place: Place, isLocal: boolean): string[] => usable(all, place, isLocal)
    const entry = (ip: string, at: number, endpoints: string[]): ServiceEntry => ({
      clusterIp: ip,
      protocol,
      port: at,
      endpoints,
      affinitySeconds,
    })
    const internal = endpointsAt(here, isInternalLocal)
    return [
      ...clusterIps(service).map((ip) => entry(ip, port, internal)),
      // A pod that asks for an address from outside is inside all the same: kube-proxy sends it to any endpoint.
      ...externalIps(service).map((ip) => entry(ip, port, endpointsAt(here, false))),
      ...(nodePort ? nodes.map((node) => entry(node.ip, nodePort, endpointsAt(node, isExternalLocal))) : []),
    ]
  })
}

function isOfOthers({ metadata }: Service | EndpointSlice): boolean {
  return labelsOfOthers.some((label) => metadata.labels?.[label] !== undefined)
}

/** How long a client of the Service keeps its endpoint after its last connection, in seconds; 0 without affinity. */
export function affinityOf({ spec }: Service): number {
  if (spec?.sessionAffinity !== 'ClientIP') return 0
  return spec.sessionAffinityConfig?.clientIP?.timeoutSeconds ?? defaultAffinitySeconds
}

/** All endpoints of a Service's port, whatever their state. */
export function candidates(servicePort: ServicePort, slices: readonly EndpointSlice[]): Candidate[] {
  const { name = '', protocol = 'TCP' } = servicePort
  return slices.flatMap((slice) => {
    const port = slice.ports?.find(
      (candidate) => (candidate.name ?? '') === name && (candidate.protocol ?? 'TCP') === protocol,
    )?.port
    return port === undefined ? [] : (slice.endpoints ?? []).map((endpoint) => ({ endpoint, port }))
  })
}

/** `address:port`, sorted, without duplicates; of the one node only when `isLocal`. */
function usable(all: readonly Candidate[], place: Place, isLocal: boolean): string[] {
  const counting = isLocal
    ? thatCount(all.filter(({ endpoint }) => endpoint.nodeName === place.name))
    : nearest(thatCount(all), place)
  const addresses = counting.flatMap(({ endpoint, port }) =>
    endpoint.addresses.slice(0, 1).map((ip) => `${ip}:${port}`),
  )
  return [...new Set(addresses)].sort()
}

/** The ready ones; if there is none, those that still serve while they terminate. */
export function thatCount(all: readonly Candidate[]): readonly Candidate[] {
  const ready = all.filter(({ endpoint }) => endpoint.conditions?.ready !== false)
  return ready.length > 0 ? ready : all.filter(({ endpoint }) => servesWhileTerminating(endpoint))
}

/** IPv4 addresses outside the cluster that lead to the Service. */
function externalIps({ spec, status }: Service): string[] {
  const balancers = (status?.loadBalancer?.ingress ?? []).flatMap(({ ip, ipMode }) =>
    ip && ipMode !== 'Proxy' ? [ip] : [],
  )
  return [...new Set([...(spec?.externalIPs ?? []), ...balancers])].filter((ip) => isIPv4(ip))
}

function servesWhileTerminating({ conditions }: Endpoint): boolean {
  return conditions?.terminating === true && conditions.serving !== false
}
