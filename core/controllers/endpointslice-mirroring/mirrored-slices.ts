import { isIPv6 } from 'node:net'
import type { Endpoints, EndpointAddress } from '../../api/generated/core-v1.ts'
import type { Endpoint, EndpointPort, EndpointSlice } from '../../api/generated/discovery-v1.ts'
import { resources } from '../../api/resources.ts'
import { controllerReference } from '../../client/object-reference.ts'

export const managedByLabel = 'endpointslice.kubernetes.io/managed-by'
export const mirroringManager = 'endpointslicemirroring-controller.k8s.io'
export const serviceNameLabel = 'kubernetes.io/service-name'
const skipMirrorLabel = 'endpointslice.kubernetes.io/skip-mirror'
const leaderAnnotation = 'control-plane.alpha.kubernetes.io/leader'
const ownAnnotations = [
  'endpoints.kubernetes.io/last-change-trigger-time',
  'kubectl.kubernetes.io/last-applied-configuration',
]
/** Of each subset; more are left out (upstream: --mirroring-max-endpoints-per-subset). */
const maxEndpoints = 1000

/** Whether Endpoints want to be mirrored: nobody said no, and they are no lock of a leader election. */
export function wantsMirror({ metadata }: Endpoints): boolean {
  return (
    metadata.labels?.[skipMirrorLabel] !== 'true' && metadata.annotations?.[leaderAnnotation] === undefined
  )
}

/** What two slices must share to stand for the same endpoints over time. */
export function sliceKey({ addressType, ports }: Pick<EndpointSlice, 'addressType' | 'ports'>): string {
  const each = (ports ?? []).map(({ name = '', port, protocol = 'TCP' }) => `${name}/${port}/${protocol}`)
  return `${addressType} ${each.sort().join(',')}`
}

/** The slices that say what these Endpoints say, one for each address family and set of ports. */
export function mirroredSlices(endpoints: Endpoints): EndpointSlice[] {
  const slices = new Map<string, EndpointSlice>()
  for (const { addresses = [], notReadyAddresses = [], ports = [] } of endpoints.subsets ?? []) {
    const slicePorts: EndpointPort[] = ports.map(({ name = '', port, protocol = 'TCP', appProtocol }) => ({
      name,
      port,
      protocol,
      ...(appProtocol === undefined ? {} : { appProtocol }),
    }))
    const all = [
      ...addresses.map((address) => endpointOf(address, true)),
      ...notReadyAddresses.map((address) => endpointOf(address, false)),
    ].slice(0, maxEndpoints)
    for (const endpoint of all) {
      const addressType = isIPv6(endpoint.addresses[0] ?? '') ? 'IPv6' : 'IPv4'
      const key = sliceKey({ addressType, ports: slicePorts })
      const slice = slices.get(key) ?? newSlice(endpoints, { addressType, ports: slicePorts })
      slices.set(key, slice)
      slice.endpoints?.push(endpoint)
    }
  }
  return [...slices.values()]
}

function endpointOf({ ip, hostname, nodeName, targetRef }: EndpointAddress, ready: boolean): Endpoint {
  return {
    addresses: [ip],
    conditions: { ready },
    ...(hostname ? { hostname } : {}),
    ...(nodeName ? { nodeName } : {}),
    ...(targetRef ? { targetRef } : {}),
  }
}

function newSlice(
  endpoints: Endpoints,
  { addressType, ports }: { addressType: string; ports: EndpointPort[] },
): EndpointSlice {
  const { name, namespace, labels, annotations = {} } = endpoints.metadata
  const copied = Object.fromEntries(
    Object.entries(annotations).filter(([key]) => !ownAnnotations.includes(key)),
  )
  return {
    metadata: {
      name: '',
      generateName: `${name}-`,
      ...(namespace === undefined ? {} : { namespace }),
      labels: { ...labels, [serviceNameLabel]: name, [managedByLabel]: mirroringManager },
      ...(Object.keys(copied).length > 0 ? { annotations: copied } : {}),
      ownerReferences: [controllerReference(resources.endpoints, endpoints)],
    },
    addressType,
    endpoints: [],
    ports,
  }
}
