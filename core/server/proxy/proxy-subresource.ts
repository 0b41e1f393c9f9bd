import type { Duplex } from 'node:stream'
import { connect as connectTls } from 'node:tls'
import type { Pod } from '../../api/generated/core-v1.ts'
import { badRequest, serviceUnavailable } from '../../api/status.ts'
import type { ServiceDialer } from '../../util/service-dialer.ts'
import type { RequestInfo } from '../request-info.ts'
import type { Connecting } from '../streaming/connection-admission.ts'
import type { Destination } from './destination.ts'
import { parseProxyTarget, splitProxyPath, type ProxyTarget } from './proxy-target.ts'

/**
 * Opens a TLS connection to the HTTPS API of a node's kubelet, as the API server. `port` is what the request names; left
 * out or '': the kubelet's own. Undefined: no such node runs here, or its kubelet does not listen there.
 */
export type KubeletConnector = (nodeName: string, port?: string) => Promise<Duplex> | undefined

export interface ProxyOptions {
  /** Left out, as in tests without a cluster: nothing can be reached. */
  dialer?: ServiceDialer
  kubelet?: KubeletConnector
  /** The pod as stored; rejects with a 404 StatusError when there is none. */
  readPod(namespace: string, name: string): Promise<Pod>
  /** Rejects with a 404 StatusError when there is no such node. */
  requireNode(name: string): Promise<void>
  /** Asks admission whether what is asked for may be connected to; rejects with its refusal. */
  admit(asked: ProxyRequest, options: { kind: string; path: string }): Promise<void>
}

/** A request to a `proxy` subresource. */
export interface ProxyRequest extends Connecting {
  info: RequestInfo
  rawPath: string
  search: string
}

/** Finds where a request to `pods/x/proxy`, `services/x/proxy` or `nodes/x/proxy` leads. Throws StatusErrors. */
export type ProxyResolver = (asked: ProxyRequest) => Promise<Destination>

/** Kinds that have a `proxy` subresource, by their plural. */
const kinds = { pods: 'pod', services: 'service', nodes: 'node' } as const

/** What the options of a connection are called, by plural. */
const optionKinds = {
  pods: 'PodProxyOptions',
  services: 'ServiceProxyOptions',
  nodes: 'NodeProxyOptions',
} as const

/** Whether a request is one to a `proxy` subresource. */
export function isProxyRequest({ apiGroup, apiVersion, resource, subresource }: RequestInfo): boolean {
  return subresource === 'proxy' && apiGroup === '' && apiVersion === 'v1' && Object.hasOwn(kinds, resource)
}

/** Creates the resolver (upstream: the ResourceLocation functions of pods, services and nodes). */
export function createProxyResolver(options: ProxyOptions): ProxyResolver {
  return async (asked) => {
    const { info, rawPath, search } = asked
    const target = parseProxyTarget(kinds[info.resource as keyof typeof kinds], info.name)
    const { prefix, rest } = splitProxyPath(rawPath)
    await options.admit(asked, {
      kind: optionKinds[info.resource as keyof typeof kinds],
      path: rest,
    })
    const open = await opener(options, info, target)
    // The connection to a kubelet speaks TLS already.
    const scheme = info.resource === 'nodes' ? 'http' : target.scheme
    return {
      // Certificates of what runs in the cluster are nobody's to check (upstream: the proxy transport is insecure).
      connect: async () => {
        const stream = await open()
        return scheme === 'https' ? connectTls({ socket: stream, rejectUnauthorized: false }) : stream
      },
      path: `${rest || '/'}${search}`,
      headers: { 'x-forwarded-uri': `${prefix}${rest}` },
      prefix,
      describeFailure: (error) => `error trying to reach service: ${errorText(error)}`,
    }
  }
}

async function opener(
  { dialer, kubelet, readPod, requireNode }: ProxyOptions,
  { resource, namespace }: RequestInfo,
  target: ProxyTarget,
): Promise<() => Promise<Duplex>> {
  const { name, port } = target
  if (resource === 'nodes') {
    await requireNode(name)
    return async () => {
      const connection = kubelet?.(name, port)
      if (!connection) throw serviceUnavailable(`node "${name}" cannot be reached on port ${port || '10250'}`)
      return connection
    }
  }
  const pod = resource === 'pods' ? await readPod(namespace, name) : undefined
  if (pod && !pod.status?.podIPs?.length) throw badRequest('address not allowed')
  if (!dialer) throw serviceUnavailable('the API server has no way into the cluster')
  if (resource === 'services') {
    const number = Number(port)
    const servicePort = /^\d+$/.test(port) ? number : port
    return () => dialer.dialService({ namespace, name, port: servicePort })
  }
  const podPort = port === '' && pod ? firstPort(pod) : Number(port)
  if (!Number.isInteger(podPort) || podPort < 1 || podPort > 65535) {
    throw badRequest(`invalid port ${JSON.stringify(port)} in the request to pod "${name}"`)
  }
  return () => dialer.dialPod({ namespace, name }, podPort ?? 80)
}

/** The first port that a container of the pod declares; 80 without one. */
function firstPort({ spec }: Pod): number {
  return spec.containers.find(({ ports }) => ports?.length)?.ports?.[0]?.containerPort ?? 80
}

function errorText(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
