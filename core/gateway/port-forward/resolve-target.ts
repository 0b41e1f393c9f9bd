import type { PortForwardRequest } from '../../api/gateway.ts'
import type { Pod, Service } from '../../api/generated/core-v1.ts'
import type { EndpointSlice } from '../../api/generated/discovery-v1.ts'
import type { KubeList } from '../../api/meta.ts'
import { badRequest, serviceUnavailable } from '../../api/status.ts'
import type { Upstream } from '../upstream.ts'

type Target = Pick<PortForwardRequest, 'namespace' | 'kind' | 'name' | 'port'>

/** The pod and port that a new connection goes to. */
export interface ResolvedTarget {
  pod: string
  port: number
}

type ServicePort = NonNullable<NonNullable<Service['spec']>['ports']>[number]

/**
 * Where a forward leads at this moment: a Pod's own port, or that of a random Ready pod behind a Service, named ports
 * looked up on either. Throws 404 without the object, 400 without the port, 503 while no pod is ready.
 */
export async function resolveTarget(
  upstream: Upstream,
  target: Target,
  random: () => number,
): Promise<ResolvedTarget> {
  if (target.kind === 'Pod') {
    const pod = await getPod(upstream, target)
    const phase = pod.status?.phase
    if (phase !== 'Running') {
      throw serviceUnavailable(`pod "${target.name}" is not running. Current status=${phase ?? 'Unknown'}`)
    }
    return { pod: target.name, port: podPort(pod, target.port) }
  }
  const servicePort = findServicePort(await getService(upstream, target), target)
  const candidates = readyPods(await getSlices(upstream, target), servicePort)
  const chosen = candidates[Math.floor(random() * candidates.length)]
  if (!chosen) throw serviceUnavailable(`service "${target.name}" has no ready pod for port ${target.port}`)
  return chosen
}

/** Throws what `resolveTarget` would for an object or port that does not exist; readiness does not matter yet. */
export async function checkTargetExists(upstream: Upstream, target: Target): Promise<void> {
  if (target.kind === 'Pod') podPort(await getPod(upstream, target), target.port)
  else findServicePort(await getService(upstream, target), target)
}

function objectPath(target: Target, resource: string): string {
  const namespace = encodeURIComponent(target.namespace)
  return `/api/v1/namespaces/${namespace}/${resource}/${encodeURIComponent(target.name)}`
}

function getPod(upstream: Upstream, target: Target): Promise<Pod> {
  return upstream.json<Pod>({ path: objectPath(target, 'pods') })
}

function getService(upstream: Upstream, target: Target): Promise<Service> {
  return upstream.json<Service>({ path: objectPath(target, 'services') })
}

async function getSlices(upstream: Upstream, target: Target): Promise<EndpointSlice[]> {
  const selector = encodeURIComponent(`kubernetes.io/service-name=${target.name}`)
  const namespace = encodeURIComponent(target.namespace)
  const path = `/apis/discovery.k8s.io/v1/namespaces/${namespace}/endpointslices?labelSelector=${selector}`
  const list = await upstream.json<KubeList<EndpointSlice>>({ path })
  return list.items
}

function podPort(pod: Pod, port: number | string): number {
  const number = Number(port)
  if (Number.isInteger(number)) return number
  for (const container of pod.spec?.containers ?? []) {
    const found = container.ports?.find(({ name }) => name === port)
    if (found) return found.containerPort
  }
  throw badRequest(`pod "${pod.metadata.name}" has no port named "${port}"`)
}

function findServicePort(service: Service, target: Target): ServicePort {
  const ports = service.spec?.ports ?? []
  const found = ports.find(({ port, name }) => port === Number(target.port) || name === target.port)
  if (!found) throw badRequest(`service "${target.name}" has no port ${target.port}`)
  if (found.protocol && found.protocol !== 'TCP') {
    throw badRequest(
      `port ${target.port} of service "${target.name}" is ${found.protocol}; only TCP is forwarded`,
    )
  }
  return found
}

/** Slices carry the pods' own port numbers under the Service port's name, so named target ports are resolved there. */
function readyPods(slices: EndpointSlice[], servicePort: ServicePort): ResolvedTarget[] {
  return slices.flatMap((slice) => {
    const port = slice.ports?.find(({ name }) => (name ?? '') === (servicePort.name ?? ''))?.port
    if (!port) return []
    return (slice.endpoints ?? []).flatMap(({ conditions, targetRef }) => {
      const isReady = conditions?.ready !== false && conditions?.terminating !== true
      return isReady && targetRef?.kind === 'Pod' && targetRef.name ? [{ pod: targetRef.name, port }] : []
    })
  })
}
