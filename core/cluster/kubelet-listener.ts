import type { CertificateManager } from '../auth/certificate-manager.ts'
import { createCertificateManager } from '../auth/certificate-manager.ts'
import type { Pki } from '../auth/pki.ts'
import type { Client } from '../client/client.ts'
import { createKubeletAccess } from '../kubelet/api/kubelet-access.ts'
import { createKubeletEndpoints, type KubeletEndpointsOptions } from '../kubelet/api/kubelet-endpoints.ts'
import { startKubeletServer, type KubeletServer, type KubeletStreams } from '../kubelet/api/kubelet-server.ts'
import type { Kubelet } from '../kubelet/kubelet.ts'
import { createHttpMeter } from '../kubelet/metrics/http-metrics.ts'
import { notFound } from '../api/status.ts'
import { createStreamingHandler } from '../server/streaming/streaming-handler.ts'
import type { Clock } from '../util/clock.ts'
import { createHealthReporter, type HealthCheck } from '../util/health/health-report.ts'
import type { Logger } from '../util/logger.ts'
import { createMetricRegistry, type MetricRegistry } from '../util/metrics/metric-registry.ts'

/** Where kubelets listen for the machine itself. */
const loopback = '127.0.0.1'

export interface KubeletListenerOptions {
  pki: Pki
  clock: Clock
  log: Logger
}

/** Listens for one node; `kubelet` is asked once it is there. */
export type KubeletListener = (node: {
  name: string
  ip: string
  /** The address of this machine that pods come to, on their own network: nobody else reaches it. */
  podHost?: string
  client: Client
  kubelet: () => Kubelet
  /** What `/metrics` prints. */
  metrics: MetricRegistry
}) => Promise<KubeletServer>

/** Gives nodes their own HTTPS API, with serving certificates of the cluster's authority. */
export function createKubeletListener({ pki, clock, log }: KubeletListenerOptions): KubeletListener {
  return async ({ name, ip, podHost, client, kubelet, metrics }) => {
    const slis = createMetricRegistry()
    const health = createHealthReporter({ checks: [syncLoop(kubelet)], slis, log })
    const meter = createHttpMeter(metrics, clock)
    const shared = { health, metrics: () => metrics.print(), slis: () => slis.print() }
    const issue = (): ReturnType<Pki['ca']['issue']> =>
      pki.ca.issue({
        commonName: `system:node:${name}`,
        organizations: ['system:nodes'],
        dnsNames: [name, 'localhost'],
        ipAddresses: [...new Set([loopback, ip, ...(podHost ? [podHost] : [])])],
        usages: ['server'],
      })
    const certificates: CertificateManager = await createCertificateManager({ issue, clock, log })
    const server = await startKubeletServer({
      certificates: {
        clientCa: pki.ca.certificate,
        get current() {
          return certificates.current
        },
        onRenewed: (listener) => certificates.onRenewed(listener),
      },
      access: createKubeletAccess({ nodeName: name, client, clock }),
      handle: (request, response) =>
        meter(request, () =>
          createKubeletEndpoints({ ...shared, ...endpointsOf(name, kubelet()) })(request, response),
        ),
      streams: streamsOf({ name, kubelet, clock, log }),
      host: loopback,
      ...(podHost && podHost !== loopback && { podHost }),
      log,
    })
    return {
      ...server,
      async close() {
        certificates[Symbol.dispose]()
        await server.close()
      },
    }
  }
}

/** Without its engine a kubelet brings nothing about. */
function syncLoop(kubelet: () => Kubelet): HealthCheck {
  return {
    name: 'syncloop',
    endpoints: ['healthz'],
    check() {
      const problem = kubelet().problem()
      if (problem !== undefined) throw new Error(problem)
    },
  }
}

function endpointsOf(
  name: string,
  kubelet: Kubelet,
): Omit<KubeletEndpointsOptions, 'health' | 'metrics' | 'slis'> {
  const { stats, backend, nodeLogs } = kubelet
  return {
    stats,
    backend,
    nodeLogs,
    pods: () => kubelet.pods(),
    probeMetrics: () => kubelet.probeMetrics(),
    configuration: {
      kind: 'KubeletConfiguration',
      apiVersion: 'kubelet.config.k8s.io/v1beta1',
      authentication: { webhook: { enabled: true }, anonymous: { enabled: false } },
      authorization: { mode: 'Webhook' },
      clusterDomain: 'cluster.local',
      hostnameOverride: name,
    },
  }
}

/** The kubelet's query words for what the API server calls otherwise. */
const selections = { input: 'stdin', output: 'stdout', error: 'stderr' }
const subresources: Record<string, string> = { exec: 'exec', attach: 'attach', portForward: 'portforward' }

/** `/exec/{namespace}/{pod}/{container}` and its like, by the code that serves them at the API server. */
function streamsOf(options: {
  name: string
  kubelet: () => Kubelet
  clock: Clock
  log: Logger
}): KubeletStreams {
  const { name: nodeName, kubelet } = options
  const streaming = createStreamingHandler({
    ...options,
    nodeBackends: () => kubelet().backend,
    async resolvePod(namespace, name) {
      const pod = kubelet()
        .pods()
        .find(({ metadata }) => metadata.namespace === namespace && metadata.name === name)
      if (!pod) throw notFound({ group: '', resource: 'pods' }, name)
      return { pod, nodeName }
    },
  })
  return async ({ parts, query }, upgrade) => {
    const [kind = '', namespace = '', name = '', container] = parts
    const subresource = subresources[kind]
    if (subresource === undefined || name === '') throw notFound({ group: '', resource: 'pods' }, name)
    const asked = new URLSearchParams(query)
    for (const [word, apiWord] of Object.entries(selections)) {
      const value = query.get(word)
      if (value !== null) asked.set(apiWord, value)
    }
    if (container !== undefined) asked.set('container', container)
    await streaming.handle({ namespace, name, subresource, query: asked }, upgrade)
  }
}
