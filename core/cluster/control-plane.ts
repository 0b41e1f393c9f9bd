import { join } from 'node:path'
import type { Resource } from '../api/gvk.ts'
import type { KubeObject } from '../api/meta.ts'
import type { UserInfo } from '../api/request.ts'
import { nodeUser } from '../api/node-identity.ts'
import type {
  ExpressionWarning,
  ValidatingAdmissionPolicy,
} from '../api/generated/admissionregistration-v1.ts'
import { resources } from '../api/resources.ts'
import { createDynamicAdmission } from '../admission/dynamic-admission.ts'
import { createAdmission } from '../admission/index.ts'
import { createServiceAllocator } from '../admission/service-allocation.ts'
import { createAuthenticator } from '../auth/authn/create-authenticator.ts'
import { openPki, type Pki } from '../auth/pki.ts'
import { createTokenIssuer } from '../auth/tokens.ts'
import { createClient, type Client } from '../client/client.ts'
import { createInformerFactory } from '../client/informer-factory.ts'
import type { Transport } from '../client/transport.ts'
import { followDefinitions } from '../kinds/apiextensions/follow-definitions.ts'
import { builtInKinds } from '../kinds/index.ts'
import { metricsKinds } from '../kinds/metrics/index.ts'
import { createRegistry } from '../registry/create-registry.ts'
import type { Registry } from '../registry/registry.ts'
import { createProtobufDecoder } from '../registry/protobuf/decode-protobuf.ts'
import { createProtobufEncoder } from '../registry/protobuf/encode-protobuf.ts'
import { openApiFacts } from '../registry/schema/api-facts.ts'
import { createAggregator } from '../server/aggregation/aggregator.ts'
import { createApiServer, type ApiServer } from '../server/api-server.ts'
import { createAdmissionMetrics } from '../server/metrics/admission-metrics.ts'
import { createClusterIpMetrics } from '../server/metrics/cluster-ip-metrics.ts'
import { createListMetrics } from '../server/metrics/list-metrics.ts'
import { createNodePortMetrics } from '../server/metrics/node-port-metrics.ts'
import { createPodSecurityMetrics } from '../server/metrics/pod-security-metrics.ts'
import { createTokenMetrics } from '../server/metrics/token-metrics.ts'
import { createMetricRegistry } from '../util/metrics/metric-registry.ts'
import type { Store } from '../storage/store.ts'
import type { EndpointDialer } from '../util/endpoint-dialer.ts'
import type { ServiceDialer } from '../util/service-dialer.ts'
import { createAdmissionClient } from './admission-client.ts'
import { openAuditLog } from './audit-log.ts'
import { createAccessControl } from './access-control.ts'
import { frontProxyClient, serviceNetwork } from './bootstrap-objects.ts'
import { clusterInfoPath } from './cluster-info.ts'
import { createBackupRoute } from './backup/backup-route.ts'
import { takeBackup } from './backup/take-backup.ts'
import type { ControlPlaneOptions } from './control-plane-options.ts'
import { healthChecks, type StartedPart } from './health-checks.ts'
import { createIssuerDocuments } from './issuer-documents.ts'
import { createExpressionAuthorizer } from './expression-authorizer.ts'
import { createComponentStatuses } from './component-statuses.ts'
import { createServerObjects } from './server-objects.ts'
import { createKubeletConnector } from './kubelet-connector.ts'
import { createLocalTables } from './local-tables.ts'
import { createLegacyBinding } from './legacy-binding.ts'
import { openStore } from './open-store.ts'
import { createSharedReservations } from './shared-reservations.ts'
import { measureStore } from './store-metrics.ts'
import { policyWarnings } from './policy-warnings.ts'
import { aggregatedResources, servedKind, servedResources, type ServedElsewhere } from './served-resources.ts'
import { servingNames } from './serving-names.ts'
import { createServiceDialer } from './service-dialer.ts'
import { createTokenAuthenticators } from './token-authenticators.ts'

/** Store, registry and API server of one cluster, before any agent. */
export interface ControlPlane {
  readonly store: Store
  readonly server: ApiServer
  readonly pki: Pki
  /** Byte streams to Services, their endpoints and pods. */
  readonly dialer: ServiceDialer & EndpointDialer
  /** A client inside the process, acting as a component such as `system:kube-scheduler`. */
  clientFor(userName: string, ...groups: string[]): Client
  /** A client inside the process for a node's kubelet, which may do what a node may and no more. */
  nodeClientFor(node: string): Client
  /** The server's lists for the page in the same process, as `userName`, who may do everything. */
  tablesFor(userName: string): ReturnType<typeof createLocalTables>
  /** Every listable resource served now, in one version each, for controllers that work on all kinds. */
  resources(): Resource<KubeObject>[]
  /** What extension API servers serve, each in one version, with its verbs. */
  aggregatedResources(): ServedElsewhere[]
  /** What is wrong with a policy's expressions, judged by the kinds that it matches. */
  checkPolicy(policy: ValidatingAdmissionPolicy): ExpressionWarning[]
  /**
   * Puts the default roles and bindings in place (the system's namespaces must exist) and begins to go by roles; before
   * that only system:masters and nodes are let in. Then this server says that it lives.
   */
  startAccessControl(): Promise<void>
  /** Further addresses the serving certificate must name, e.g. the pod network's gateway. */
  addServingAddress(ip: string): Promise<void>
  close(): Promise<void>
}

/** Opens the store and the keys in the data directory and builds the API server; it listens when told to. */
export async function openControlPlane(options: ControlPlaneOptions): Promise<ControlPlane> {
  const { dataDirectory, clock, log } = options
  const audit = options.audit && openAuditLog(options.audit, log)
  const metrics = createMetricRegistry()
  const [opened, pki] = await Promise.all([
    options.opening ?? openStore(options),
    openPki({ directory: options.certDirectory ?? join(dataDirectory, 'pki'), clock, log: log.child('pki') }),
  ])
  const { cipher, sizeBytes } = opened
  const measured = await measureStore(opened.store, { metrics, sizeBytes, log: log.child('storage') })
  const { store } = measured
  const admissionMetrics = createAdmissionMetrics(metrics)
  const names = servingNames()
  const certificates = await pki.issueServer(() => names)
  const tokenIssuer = createTokenIssuer({ key: pki.serviceAccountKey, clock })
  // Admission and access control read through the API they are a part of; by the time they do, it is there.
  const late: { transport?: Transport } = {}
  const transport = (): Transport => {
    if (!late.transport) throw new Error('the API server is not assembled yet')
    return late.transport
  }
  const system = createClient({
    call: (call) => transport().call(call),
    watch: (call, onEvents) => transport().watch(call, onEvents),
  })
  const tokens = createTokenAuthenticators({
    client: system,
    key: pki.serviceAccountKey,
    tokenIssuer,
    oidc: options.oidc,
    observer: createTokenMetrics(metrics),
    clock,
    log,
  })
  const informers = createInformerFactory({ client: system, clock, log: log.child('apiserver-informers') })
  const access = createAccessControl({
    client: system,
    informers,
    tokens,
    audiences: tokenIssuer.audiences,
    clock,
    log: log.child('rbac'),
  })
  const dialer = createServiceDialer({ client: system, nodeBackends: options.nodeBackends })
  const admissionClient = createAdmissionClient(system, informers)
  const dynamic = createDynamicAdmission({
    client: admissionClient,
    informers,
    dialer,
    authorize: createExpressionAuthorizer(access.authorizer),
    observer: admissionMetrics,
    findKind: (apiVersion, kind) => servedKind(registry, apiVersion, kind),
    clock,
    log: log.child('admission'),
  })
  const quotas = informers.informer(resources.resourceQuotas)
  const admission = createAdmission({
    client: admissionClient,
    dynamic,
    clock,
    signerAccess: access.signerAccess,
    tokenAudienceAccess: access.tokenAudienceAccess,
    podSecurityObserver: createPodSecurityMetrics(metrics),
    ...options.admission,
    mayHaveQuota: (namespace) => !quotas.hasSynced() || quotas.store.inNamespace(namespace).length > 0,
  })
  const facts = openApiFacts()
  /** Parts that have begun, for the health checks. */
  const started = new Set<StartedPart>()
  const checkStore = async (): Promise<void> => void (await store.get('/health'))
  const checkAgents = (): void => {
    if (options.agentsReady?.() === false) throw new Error('controllers are still starting')
  }
  const registry: Registry = createRegistry({
    facts,
    store,
    kinds: [...builtInKinds, ...metricsKinds],
    admission: [access.claimCheck, ...admission, access.escalationCheck],
    allocators: {
      services: createServiceAllocator({
        client: system,
        observer: createClusterIpMetrics(metrics),
        portObserver: createNodePortMetrics(metrics),
        clock,
        ...(!store.acceptsAhead && { shared: createSharedReservations(store, clock) }),
        clusterIpRange: serviceNetwork.range,
      }),
    },
    admissionObserver: admissionMetrics,
    listObserver: createListMetrics(metrics),
    answers: {
      ...access.answers,
      bindings: createLegacyBinding(() => registry),
    },
    readers: {
      ...options.readers,
      componentstatuses: createComponentStatuses({
        'controller-manager': checkAgents,
        scheduler: checkAgents,
        'etcd-0': checkStore,
      }),
    },
    clock,
    log: log.child('registry'),
  })
  // Nobody may be told that a custom resource is unknown because its definition was not read yet.
  const definitions = await followDefinitions({ registry, dialer, clock, log: log.child('custom-kinds') })
  started.add('definitions')
  const frontProxy = await pki.frontProxyCa.issue({ commonName: frontProxyClient, usages: ['client'] })
  const aggregator = createAggregator({
    registry,
    dialer,
    frontProxy: () => frontProxy,
    clock,
    log: log.child('aggregator'),
  })
  const server: ApiServer = createApiServer({
    aggregator,
    registry,
    authenticator: createAuthenticator({ tokens }),
    anonymousPaths: new Set(['/healthz', '/livez', '/readyz', clusterInfoPath]),
    authorizer: access.authorizer,
    tokenIssuer,
    certificates: {
      clientCa: pki.ca.certificate,
      current: () => certificates.current,
      onRenewed: (listener) => certificates.onRenewed(listener),
    },
    nodeBackends: options.nodeBackends,
    schemas: () => facts.schemas(),
    proxy: {
      dialer,
      kubelet: createKubeletConnector({ pki, addressOf: (name) => options.kubeletAddress?.(name), clock }),
    },
    metrics,
    ...(audit ? { audit } : {}),
    ...(options.flags && { flags: options.flags }),
    healthChecks: healthChecks({
      checkStore,
      checkAgents,
      hasStarted: (part) => (part === 'access' ? access.isReady : started.has(part)),
      isClosing: () => objects.isClosing,
    }),
    routes: [
      ...createIssuerDocuments({ key: pki.serviceAccountKey, issuer: tokenIssuer.issuer }),
      createBackupRoute(() => takeBackup({ store, cipher, dataDirectory, clock })),
    ],
    decodeProtobuf: createProtobufDecoder(facts),
    protobuf: createProtobufEncoder(facts),
    clock,
    log: log.child('apiserver'),
  })
  const transportFor = (name: string, ...groups: string[]): Transport => {
    const user: UserInfo = { name, groups: [...groups, 'system:masters', 'system:authenticated'] }
    // The server may not import the client's layer, so it declares the same shape; here they meet.
    return server.localTransport(user)
  }
  const clientFor = (name: string, ...groups: string[]): Client => createClient(transportFor(name, ...groups))
  const own = clientFor('system:apiserver')
  late.transport = own.transport
  const objects = createServerObjects({ client: own, started, clock, log })
  // No write is admitted before it is known which webhooks are registered.
  informers.start()
  started.add('admission')
  await Promise.all([
    aggregator.start().then(() => started.add('aggregation')),
    server.startFlowControl().then(() => started.add('flowControl')),
  ])
  return {
    store,
    server,
    pki,
    dialer,
    clientFor,
    nodeClientFor(node) {
      const { name, groups } = nodeUser(node)
      const user: UserInfo = { name, groups: [...groups, 'system:authenticated'] }
      return createClient(server.localTransport(user, access.authorizer))
    },
    tablesFor: (name) => createLocalTables({ registry, transport: transportFor(name), clock }),
    resources: () => servedResources(registry),
    aggregatedResources: () => aggregatedResources(aggregator.versions()),
    checkPolicy: ({ spec }) => policyWarnings(spec, registry.kinds(), facts),
    async startAccessControl() {
      await access.start()
      await objects.start()
    },
    async addServingAddress(ip) {
      if (names.ipAddresses.includes(ip)) return
      names.ipAddresses.push(ip)
      await certificates.renew()
    },
    async close() {
      await objects.close()
      aggregator[Symbol.dispose]()
      informers[Symbol.dispose]()
      dynamic[Symbol.dispose]()
      await server.close()
      await audit?.close()
      definitions[Symbol.dispose]()
      certificates[Symbol.dispose]()
      measured[Symbol.dispose]()
      await store.close()
    },
  }
}
