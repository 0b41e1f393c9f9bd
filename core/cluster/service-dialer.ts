import { randomInt } from 'node:crypto'
import { createSocket, type Socket } from 'node:dgram'
import type { Duplex } from 'node:stream'
import type { Service } from '../api/generated/core-v1.ts'
import type { EndpointSlice } from '../api/generated/discovery-v1.ts'
import { resources } from '../api/resources.ts'
import { badRequest, serviceUnavailable } from '../api/status.ts'
import type { Client } from '../client/client.ts'
import { connectTo, isOnOwnNetwork } from '../kubelet/docker/pod-connection.ts'
import type { NodeBackends } from '../server/streaming/backend.ts'
import type { EndpointDialer, EndpointTarget } from '../util/endpoint-dialer.ts'
import type { ServiceDialer, ServicePortRef } from '../util/service-dialer.ts'

export interface ServiceDialerOptions {
  /** Reads Services, EndpointSlices and Pods at each dial; connections are kept, so dials are few. */
  client: Client
  nodeBackends: NodeBackends
}

type ServicePort = NonNullable<NonNullable<Service['spec']>['ports']>[number]

/** The way from this process to Services and pods: straight to the address, or through the node's agent. */
export function createServiceDialer({
  client,
  nodeBackends,
}: ServiceDialerOptions): ServiceDialer & EndpointDialer {
  /** Addresses on a network of this machine are reached from here; others only out of the pod's own node. */
  async function connect({ ip, port, pod }: EndpointTarget): Promise<Duplex> {
    const backend = pod && !isOnOwnNetwork(ip) ? nodeBackends(pod.nodeName) : undefined
    return pod && backend ? backend.portForward(pod.ref, port) : connectTo(ip, port)
  }

  async function endpointsOf(ref: ServicePortRef, servicePort: ServicePort): Promise<EndpointTarget[]> {
    const { items } = await client.list(resources.endpointSlices, {
      namespace: ref.namespace,
      labelSelector: { matchLabels: { 'kubernetes.io/service-name': ref.name } },
    })
    return items.flatMap((slice) => readyTargets(slice, servicePort))
  }

  return {
    dialEndpoint: connect,
    async dialDatagrams({ ip, port, pod }) {
      if (pod && !isOnOwnNetwork(ip)) throw new Error(`dial udp ${ip}:${port}: the pod network is not here`)
      return connectedSocket(ip, port)
    },
    async dialService(ref) {
      const { namespace, name } = ref
      const service = await client.get(resources.services, { namespace, name })
      const servicePort = findPort(service, ref)
      if (service.spec?.type === 'ExternalName') {
        return connectTo(service.spec.externalName ?? '', servicePort.port)
      }
      const targets = await endpointsOf(ref, servicePort)
      if (targets.length === 0) throw serviceUnavailable(`no endpoints available for service "${name}"`)
      return connect(targets[randomInt(targets.length)]!)
    },
    async dialPod(ref, port) {
      const { metadata, spec, status } = await client.get(resources.pods, ref)
      const ip = status?.podIP
      if (!ip) throw badRequest('address not allowed')
      const nodeName = spec.nodeName ?? ''
      return connect({ ip, port, pod: { ref: { ...ref, uid: metadata.uid ?? '' }, nodeName } })
    },
  }
}

function connectedSocket(ip: string, port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = createSocket('udp4')
    socket.once('error', reject)
    socket.connect(port, ip, () => {
      socket.off('error', reject)
      resolve(socket)
    })
  })
}

function findPort(service: Service, { name, port }: ServicePortRef): ServicePort {
  const ports = service.spec?.ports ?? []
  const isExternal = service.spec?.type === 'ExternalName'
  // A name outside the cluster has whatever ports it has.
  if (isExternal && typeof port === 'number' && ports.length === 0) return { port }
  const found =
    port === '' && ports.length === 1
      ? ports[0]
      : ports.find((one) => one.port === port || one.name === port || String(one.port) === port)
  if (!found) throw serviceUnavailable(`no service port ${JSON.stringify(port)} found for service "${name}"`)
  return found
}

/** Slices carry the pods' own port numbers under the Service port's name, so named target ports are resolved there. */
function readyTargets(slice: EndpointSlice, servicePort: ServicePort): EndpointTarget[] {
  const port = slice.ports?.find(({ name }) => (name ?? '') === (servicePort.name ?? ''))?.port
  if (!port || slice.addressType === 'FQDN') return []
  const targets: EndpointTarget[] = []
  for (const { addresses, conditions, targetRef, nodeName } of slice.endpoints ?? []) {
    const [ip] = addresses
    if (conditions?.ready === false || ip === undefined) continue
    const { namespace = '', name = '', uid = '' } = targetRef ?? {}
    const isPod = targetRef?.kind === 'Pod' && nodeName !== undefined
    targets.push({ ip, port, ...(isPod && { pod: { ref: { namespace, name, uid }, nodeName } }) })
  }
  return targets
}
