import { isIPv6 } from 'node:net'
import type { Endpoint, EndpointPort } from '../../api/generated/discovery-v1.ts'
import type { Pod, Service } from '../../api/generated/core-v1.ts'
import { trafficHints } from './traffic-hints.ts'
import { endpointHostname, isHeadless, type PodEndpoint } from './pod-endpoints.ts'

export const serviceNameLabel = 'kubernetes.io/service-name'
export const managedByLabel = 'endpointslice.kubernetes.io/managed-by'
export const managedBy = 'endpointslice-controller.k8s.io'
const headlessLabel = 'service.kubernetes.io/headless'

export type AddressType = 'IPv4' | 'IPv6'

/** Endpoints that can share slices: one address family, one set of ports. */
export interface EndpointGroup {
  addressType: AddressType
  ports: EndpointPort[]
  endpoints: Endpoint[]
}

export interface SliceSettings {
  service: Service
  zoneOf(nodeName: string): string | undefined
}

/** The families a service's slices are made for. */
export function addressTypes(service: Service): AddressType[] {
  const families = (service.spec.ipFamilies ?? []).filter(
    (family): family is AddressType => family === 'IPv4' || family === 'IPv6',
  )
  if (families.length > 0) return families
  const clusterIP = service.spec.clusterIP ?? ''
  return [isIPv6(clusterIP) ? 'IPv6' : 'IPv4']
}

function podAddresses(pod: Pod, type: AddressType): string[] {
  const all = pod.status?.podIPs?.map(({ ip }) => ip ?? '') ?? [pod.status?.podIP ?? '']
  return all.filter((ip) => ip !== '' && isIPv6(ip) === (type === 'IPv6'))
}

function endpointOf(settings: SliceSettings, found: PodEndpoint, addresses: string[]): Endpoint {
  const { pod, isReady, isServing, isTerminating } = found
  const { name, namespace, uid } = pod.metadata
  const endpoint: Endpoint = {
    addresses,
    conditions: { ready: isReady, serving: isServing, terminating: isTerminating },
    targetRef: {
      kind: 'Pod',
      name,
      ...(namespace === undefined ? {} : { namespace }),
      ...(uid === undefined ? {} : { uid }),
    },
  }
  const { nodeName } = pod.spec
  if (nodeName) {
    endpoint.nodeName = nodeName
    const zone = settings.zoneOf(nodeName)
    if (zone !== undefined) endpoint.zone = zone
  }
  const hostname = endpointHostname(settings.service, pod)
  if (hostname !== undefined) endpoint.hostname = hostname
  const hints = trafficHints(settings.service.spec.trafficDistribution, endpoint)
  if (hints) endpoint.hints = hints
  return endpoint
}

/** What two port lists must share for their endpoints to share slices. */
export function portsKey(ports: EndpointPort[] | undefined): string {
  return (ports ?? [])
    .map(({ name, port, protocol, appProtocol }) => [name ?? '', port, protocol, appProtocol ?? ''].join('/'))
    .sort()
    .join(',')
}

/** The endpoints a service should have, grouped by what can share a slice. */
export function desiredEndpoints(settings: SliceSettings, found: PodEndpoint[]): EndpointGroup[] {
  const { service } = settings
  const groups = new Map<string, EndpointGroup>()
  for (const addressType of addressTypes(service)) {
    for (const endpoint of found) {
      const addresses = podAddresses(endpoint.pod, addressType)
      // Without any port there is nothing to reach, unless the service only serves names.
      const isUseful = endpoint.ports.length > 0 || (isHeadless(service) && !service.spec.ports?.length)
      if (addresses.length === 0 || !isUseful) continue
      const key = `${addressType} ${portsKey(endpoint.ports)}`
      let group = groups.get(key)
      if (!group) groups.set(key, (group = { addressType, ports: endpoint.ports, endpoints: [] }))
      group.endpoints.push(endpointOf(settings, endpoint, addresses))
    }
  }
  return [...groups.values()]
}

/** The labels of a service's slices: its own, and the controller's. */
export function sliceLabels(service: Service): Record<string, string> {
  const labels: Record<string, string> = { ...service.metadata.labels }
  delete labels[headlessLabel]
  labels[serviceNameLabel] = service.metadata.name
  labels[managedByLabel] = managedBy
  if (isHeadless(service)) labels[headlessLabel] = ''
  return labels
}
