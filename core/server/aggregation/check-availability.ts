import type { APIServiceCondition } from '../../api/api-service.ts'
import type { Service } from '../../api/generated/core-v1.ts'
import type { EndpointSlice } from '../../api/generated/discovery-v1.ts'
import { isNotFound } from '../../api/status.ts'
import type { Registry } from '../../registry/registry.ts'
import type { RemoteApi } from './remote-api.ts'

/** A judgement of an extension API server; the condition but for its time. */
export type Verdict = Required<Pick<APIServiceCondition, 'status' | 'reason' | 'message'>>

const discoveryTimeoutMs = 5_000

/**
 * Whether the extension API server behind an APIService can be used: its Service, the Service's port and endpoints, and
 * an answer from its discovery (upstream: remote_available_controller.go, with its reasons and texts).
 */
export async function checkAvailability(registry: Registry, remote: RemoteApi): Promise<Verdict> {
  const { group = '', version = '', service = {} } = remote.object.spec
  const { namespace = '', name = '', port = 443 } = service
  const where = `service/${name} in ${JSON.stringify(namespace)}`
  let found: Service
  try {
    found = (await registry.resource('', 'v1', 'services')!.get(namespace, name)).object as Service
  } catch (error) {
    if (isNotFound(error)) return no('ServiceNotFound', `${where} is not present`)
    const message = `${where} cannot be checked due to: ${(error as Error).message}`
    return { status: 'Unknown', reason: 'ServiceAccessError', message }
  }
  if ((found.spec?.type ?? 'ClusterIP') === 'ClusterIP') {
    const servicePort = found.spec?.ports?.find((one) => one.port === port)
    if (!servicePort) return no('ServicePortError', `${where} is not listening on port ${port}`)
    const slices = await slicesOf(registry, namespace, name)
    if (slices.length === 0) return no('EndpointsNotFound', `cannot find endpointslices for ${where}`)
    const portName = servicePort.name ?? ''
    if (!slices.some((slice) => hasReadyEndpoint(slice, portName))) {
      const message = `endpointslices for ${where} have no addresses with port name ${JSON.stringify(portName)}`
      return no('MissingEndpoints', message)
    }
  }
  const path = group === '' ? `/api/${version}` : `/apis/${group}/${version}`
  const url = `https://${name}.${namespace}.svc:${port}${path}`
  try {
    const { code } = await remote.get(path, { timeoutMs: discoveryTimeoutMs })
    if (code < 200 || code >= 300) throw new Error(`bad status from ${url}: ${code}`)
  } catch (error) {
    const why = (error as Error).message
    return no('FailedDiscoveryCheck', `failing or missing response from ${url}: ${why}`)
  }
  return { status: 'True', reason: 'Passed', message: 'all checks passed' }
}

function no(reason: string, message: string): Verdict {
  return { status: 'False', reason, message }
}

async function slicesOf(registry: Registry, namespace: string, name: string): Promise<EndpointSlice[]> {
  const slices = registry.resource('discovery.k8s.io', 'v1', 'endpointslices')!
  const labelSelector = `kubernetes.io/service-name=${name}`
  const { entries } = await slices.list({ namespace, labelSelector })
  return entries.map(({ object }) => object as EndpointSlice)
}

function hasReadyEndpoint({ endpoints, ports }: EndpointSlice, portName: string): boolean {
  const isReady = (endpoints ?? []).some(({ conditions }) => conditions?.ready !== false)
  return isReady && (ports ?? []).some(({ name, port }) => (name ?? '') === portName && port !== undefined)
}
