import type { EndpointPort } from '../../api/generated/discovery-v1.ts'
import type { Pod, Service, ServicePort } from '../../api/generated/core-v1.ts'
import { isPodReady, isPodTerminal } from '../kit/pod-state.ts'
import { sidecarsOf } from '../../api/sidecars.ts'

/** A pod as an endpoint of a service. */
export interface PodEndpoint {
  pod: Pod
  isReady: boolean
  isServing: boolean
  isTerminating: boolean
  /** The service's ports as this pod has them. */
  ports: EndpointPort[]
}

/** Whether the service has none of its own addresses (`clusterIP: None`). */
export function isHeadless(service: Service): boolean {
  return service.spec.clusterIP === 'None'
}

/** Whether the controllers fill in the service's endpoints: it has a selector and is no alias. */
export function hasManagedEndpoints(service: Service): boolean {
  return service.spec.type !== 'ExternalName' && Object.keys(service.spec.selector ?? {}).length > 0
}

/** Whether the service selects these labels. */
export function selectsLabels(service: Service, labels: Record<string, string> | undefined): boolean {
  return Object.entries(service.spec.selector ?? {}).every(([key, value]) => labels?.[key] === value)
}

/** A pod that is started, has an address and has not finished, as an endpoint (upstream: endpointslice/utils.go). */
export function podEndpoint(service: Service, pod: Pod): PodEndpoint | undefined {
  if (isPodTerminal(pod) || !pod.status?.podIP) return undefined
  const isTerminating = pod.metadata.deletionTimestamp !== undefined
  const isServing = isPodReady(pod)
  const isReady = service.spec.publishNotReadyAddresses === true || (isServing && !isTerminating)
  return { pod, isReady, isServing, isTerminating, ports: endpointPorts(service, pod) }
}

/** Ports that the pod lacks by name are left out (upstream: FindPort). */
function endpointPorts(service: Service, pod: Pod): EndpointPort[] {
  return (service.spec.ports ?? []).flatMap((servicePort) => {
    const port = targetPort(servicePort, pod)
    if (port === undefined) return []
    const endpoint: EndpointPort = {
      name: servicePort.name ?? '',
      port,
      protocol: servicePort.protocol ?? 'TCP',
    }
    if (servicePort.appProtocol !== undefined) endpoint.appProtocol = servicePort.appProtocol
    return [endpoint]
  })
}

function targetPort(servicePort: ServicePort, pod: Pod): number | undefined {
  const target = servicePort.targetPort ?? servicePort.port
  if (typeof target === 'number') return target === 0 ? servicePort.port : target
  for (const container of [...pod.spec.containers, ...sidecarsOf(pod.spec)]) {
    for (const port of container.ports ?? []) {
      const isSameProtocol = (port.protocol ?? 'TCP') === (servicePort.protocol ?? 'TCP')
      if (port.name === target && isSameProtocol) return port.containerPort
    }
  }
  return undefined
}

/** The pod's name in a headless service's DNS, if it asked for one there. */
export function endpointHostname(service: Service, pod: Pod): string | undefined {
  const { hostname, subdomain } = pod.spec
  const isOfService =
    subdomain === service.metadata.name && pod.metadata.namespace === service.metadata.namespace
  return hostname && isOfService ? hostname : undefined
}
