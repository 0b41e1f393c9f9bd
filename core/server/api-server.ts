import type { UserInfo } from '../api/request.ts'
import { resources } from '../api/resources.ts'
import type { Pod } from '../api/generated/core-v1.ts'
import { notFound } from '../api/status.ts'
import type { Authenticator } from '../auth/authn/authenticator.ts'
import type { Authorizer } from '../auth/authz/authorizer.ts'
import type { TokenIssuer } from '../auth/tokens.ts'
import type { ProtobufEncoder } from '../registry/protobuf/encode-protobuf.ts'
import type { Registry } from '../registry/registry.ts'
import type { Schema } from '../registry/schema/schema.ts'
import type { Clock } from '../util/clock.ts'
import type { HealthCheck } from '../util/health/health-report.ts'
import type { Logger } from '../util/logger.ts'
import { createAggregationHandler } from './aggregation/aggregation-handler.ts'
import type { Aggregator } from './aggregation/aggregator.ts'
import type { Handler } from './filters/filter.ts'
import { createFlowController } from './flow-control/flow-controller.ts'
import { createObjectStats } from './flow-control/object-stats.ts'
import { WatchTracker } from './flow-control/watch-tracker.ts'
import { auditTransport } from './audit/audited-transport.ts'
import { createAuditor, type AuditOptions } from './audit/auditor.ts'
import { createBodyDecoder, type ProtobufDecoder } from './body/body-decoder.ts'
import { Exchange, type HttpRequest, type HttpResponse } from './exchange.ts'
import { buildChain } from './filters/chain.ts'
import { createNonResourceHandler, type Route } from './handlers/non-resource-handler.ts'
import { createProxyHandler } from './handlers/proxy.ts'
import { requireNode } from './handlers/require-node.ts'
import { createResourceHandler } from './handlers/resource-handler.ts'
import { createImpersonator } from './impersonation/impersonator.ts'
import { createListener, type ListenAddress, type ServingCertificates } from './listener.ts'
import { authorizeTransport } from './local-authorization.ts'
import { createLocalTransport, type LocalTransport } from './local-transport.ts'
import type { BoundValue, MetricRegistry } from '../util/metrics/metric-registry.ts'
import { createServerMetrics } from './metrics/server-metrics.ts'
import { createProxyResolver, type ProxyOptions } from './proxy/proxy-subresource.ts'
import { createFrameCache } from './responses/frame-cache.ts'
import { createListCompressor } from './responses/list-compressor.ts'
import { createMetadataWriter } from './responses/metadata-only.ts'
import { createKindNegotiator } from './responses/negotiation.ts'
import { createRowWriter } from './responses/row-cache.ts'
import { createSlabPool } from './responses/slab-pool.ts'
import { createRoutes, rootPaths } from './routes.ts'
import type { NodeBackends } from './streaming/backend.ts'
import { admitConnection, admitStream } from './streaming/connection-admission.ts'
import { createStreamingHandler } from './streaming/streaming-handler.ts'
import { createUpgradeHandler } from './upgrade-handler.ts'

export interface ApiServerOptions {
  registry: Registry
  authenticator: Authenticator
  /** Where requests without credentials are let in at all; absent: everywhere, as far as authorization allows. */
  anonymousPaths?: ReadonlySet<string>
  authorizer: Authorizer
  tokenIssuer: TokenIssuer
  certificates: ServingCertificates
  nodeBackends: NodeBackends
  /** The built-in schemas by name, for OpenAPI; read at the first request for a document. */
  schemas: () => Record<string, Schema>
  decodeProtobuf: ProtobufDecoder
  /** Writes answers to clients that ask for protobuf. */
  protobuf: ProtobufEncoder
  healthChecks?: HealthCheck[]
  /** What `/flagz` tells of: each flag's value, by its name. Left out: the path is not there. */
  flags?: Readonly<Record<string, string>>
  /** Left out: nothing is served by extension API servers. */
  aggregator?: Aggregator
  /** How `proxy` subresources reach into the cluster. */
  proxy?: Omit<ProxyOptions, 'readPod' | 'requireNode' | 'admit'>
  /** What is audited; left out, nothing is and it costs nothing. */
  audit?: AuditOptions
  /** What `/metrics` prints; absent: the server's own alone. */
  metrics?: MetricRegistry
  /** Further non-resource paths. */
  routes?: Route[]
  clock: Clock
  log: Logger
}

/** The HTTP front of the control plane. */
export interface ApiServer {
  /**
   * Puts the default flow schemas and priority levels in place and begins to go by the stored ones; until then there are
   * only the mandatory ones.
   */
  startFlowControl(): Promise<void>
  /** Listens on one more address; a port in use gives way to a free one. */
  listen(host: string, port: number): Promise<ListenAddress>
  readonly addresses: ListenAddress[]
  /** What `/metrics` prints: other parts of the process may add theirs. */
  readonly metrics: MetricRegistry
  /**
   * A transport for parts of this process, acting as `user`, who may do everything unless an authorizer is given. Works before
   * `listen`.
   */
  localTransport(user: UserInfo, authorizer?: Authorizer): LocalTransport
  /** Ends watches and streams, lets running requests finish for a moment, and closes every connection. */
  close(): Promise<void>
}

const closeGraceMs = 500
/** Enough for eight large answers at once, each filling one slab while another is on its way. */
const slabs = { slabBytes: 128 * 1024, kept: 16 }

/** Creates the API server; it serves nothing over the network until `listen`. */
export function createApiServer(options: ApiServerOptions): ApiServer {
  const { registry, protobuf, clock, log } = options
  const metrics = createServerMetrics(options)
  const open = new Set<Exchange>()
  const resolveProxy = createProxyResolver({
    ...options.proxy,
    readPod: async (namespace, name) => (await resolvePod(registry, namespace, name)).pod,
    requireNode: (name) => requireNode(registry, name, resources.nodes),
    admit: (asked, { kind, path }) =>
      admitConnection(options, { ...asked.info, kind, options: path ? { path } : {} }, asked),
  })
  const resourceHandler = createResourceHandler({
    ...options,
    proxy: createProxyHandler(resolveProxy),
    decoder: createBodyDecoder(options),
    negotiate: createKindNegotiator(protobuf),
    metadataOf: createMetadataWriter(),
    rowOf: createRowWriter(),
    listCompressor: createListCompressor(),
    slabs: createSlabPool(slabs),
    frames: createFrameCache(),
    protobufFrames: createFrameCache(({ type, object }) => protobuf.watchEvent(type, object)),
    metrics,
  })
  const routes = createRoutes(options, {
    metrics: metrics.registry,
    address: () => publicAddress(),
  })
  const nonResourceHandler = createNonResourceHandler({ routes, paths: () => rootPaths(registry, routes) })
  const auditor = options.audit
    ? createAuditor({ ...countLines(options.audit, metrics.auditEvents.bind({})), clock })
    : undefined
  const audited = auditor ? { auditor } : {}
  const local: Handler = (exchange) =>
    exchange.info.isResourceRequest ? resourceHandler(exchange) : nonResourceHandler(exchange)
  const handler = options.aggregator ? createAggregationHandler(options.aggregator, local) : local
  const flowController = createFlowController({ ...options, metrics: metrics.registry })
  const flowControl = {
    flowController,
    statsOf: createObjectStats(options),
    watches: new WatchTracker(),
  }
  const impersonate = createImpersonator({ ...options, metrics: metrics.impersonation })
  const chain = buildChain({ ...options, ...flowControl, impersonate, metrics, ...audited }, handler)
  const streaming = createStreamingHandler({
    nodeBackends: options.nodeBackends,
    resolvePod: (namespace, name) => resolvePod(registry, namespace, name),
    requireNode: (name) => requireNode(registry, name),
    clock,
    log,
  })
  const listener = createListener({
    certificates: options.certificates,
    onRequest: (request, response) => void serve(request, response),
    onUpgrade: createUpgradeHandler({
      ...options,
      admit: (request, user, audit) => admitStream(options, request, { user, audit }),
      access: metrics.access,
      impersonate,
      streaming,
      resolveProxy,
      onRequest: (request, response) => void serve(request, response),
      ...audited,
    }),
    onHandshakeError: () => void metrics.tlsHandshakeErrors.value++,
    log,
  })

  async function serve(request: HttpRequest, response: HttpResponse): Promise<void> {
    const exchange = new Exchange(request, response, clock.now())
    open.add(exchange)
    try {
      await chain(exchange)
    } catch (error) {
      // The chain answers every failure; what is left can only be a broken connection.
      log.warn('request could not be answered', { path: exchange.rawPath, error })
      response.destroy()
    } finally {
      open.delete(exchange)
    }
  }
  function publicAddress(): string {
    const first = listener.addresses[0]
    return first ? `${first.host}:${first.port}` : ''
  }

  return {
    startFlowControl: () => flowController.start(),
    listen: (host, port) => listener.listen(host, port),
    get addresses() {
      return listener.addresses
    },
    metrics: metrics.registry,
    localTransport(user, authorizer) {
      const plain = createLocalTransport({ ...options, requests: metrics.selfRequests }, user)
      const transport = authorizer ? authorizeTransport(plain, user, authorizer) : plain
      return auditor ? auditTransport(transport, user, { auditor, clock, log }) : transport
    },
    async close() {
      for (const exchange of open) exchange.abort()
      flowController[Symbol.dispose]()
      streaming.close()
      await listener.close(closeGraceMs)
    },
  }
}

/** The same audit, whose lines are counted. */
function countLines(audit: AuditOptions, count: BoundValue): AuditOptions {
  return {
    ...audit,
    write(line) {
      count.value++
      audit.write(line)
    },
  }
}

async function resolvePod(
  registry: Registry,
  namespace: string,
  name: string,
): Promise<{ pod: Pod; nodeName: string | undefined }> {
  const pods = registry.resource('', 'v1', resources.pods.resource)
  if (!pods) throw notFound({ group: '', resource: 'pods' }, name)
  const pod = (await pods.get(namespace, name)).object as Pod
  return { pod, nodeName: pod.spec?.nodeName }
}
