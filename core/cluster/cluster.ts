import { randomUUID } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { resources } from '../api/resources.ts'
import { createEventRecorder } from '../client/event-recorder.ts'
import { createInformerFactory, type InformerFactory } from '../client/informer-factory.ts'
import { createGateway } from '../gateway/gateway.ts'
import { defaultKubeletSettings } from '../kubelet/kubelet-settings.ts'
import { createPodSources } from '../kubelet/pods/pod-source.ts'
import { createHostPortIndex } from '../network/host-ports/host-port-index.ts'
import { createPolicyIndex } from '../network/policy/policy-index.ts'
import { noVolumeHost } from '../controllers/persistent-volume/volume-host.ts'
import { createServiceIndex } from '../network/service-index.ts'
import { createServiceRanges } from '../network/service-ranges.ts'
import { createAgents } from './agents.ts'
import { createLeadingAgents, leaderLease } from './leading-agents.ts'
import type { Clock } from '../util/clock.ts'
import type { Logger } from '../util/logger.ts'
import { createApiServerEndpoints } from './apiserver-endpoints.ts'
import { ensureBootstrapObjects, publishAuthentication, serviceNetwork } from './bootstrap-objects.ts'
import { publishClusterInfo } from './cluster-info.ts'
import { openClusterFile, writeClusterFile } from './cluster-file.ts'
import { connectManager } from './connect-manager.ts'
import { openControlPlane } from './control-plane.ts'
import { createDockerProblemEvents } from './docker-problem-events.ts'
import { createKubeletListener } from './kubelet-listener.ts'
import { publishAdminAccess } from './publish-admin-access.ts'
import { createLocalServices } from './local-services.ts'
import { nodeMembers } from './node-members.ts'
import { createNodes, type Nodes } from './nodes.ts'
import { createNodesElsewhere, type NodesElsewhere } from './nodes-elsewhere.ts'
import type { OpenedStore } from './open-store.ts'
import type { ClusterOptions } from './options.ts'
import { createSchedulerMetrics } from './scheduler-metrics.ts'
import { createResourceMetrics } from './resource-metrics.ts'
import { createWorkQueueMetrics } from './work-queue-metrics.ts'

export interface StartOptions {
  options: ClusterOptions
  clock: Clock
  log: Logger
  /** A key from outside, such as the keychain, that encrypts Secrets at rest (32 bytes). Absent: a file holds it. */
  encryptionKey?: Uint8Array
  /** The store where it is being opened already. */
  opening?: Promise<OpenedStore>
  /** The process's flags, by name; for who asks. */
  flags?: Readonly<Record<string, string>>
  /** The built page; by default where `npm run build` and `npm install` put it. */
  staticDirectory?: string
}

/** A cluster that is up. */
export interface Cluster {
  /** `https://127.0.0.1:PORT`. */
  readonly api: string
  /** Address of the page, with the launch token. */
  readonly ui: string
  readonly kubeconfig: string
  /** Ends everything in order; resolves when nothing of it runs any more. */
  stop(): Promise<void>
}

const assumedSubnet = '10.244.0.0/16'
const loopback = '127.0.0.1'
/** How long a start waits for its nodes to be registered. */
const nodeGraceMs = 1_000
const builtPage = join(import.meta.dirname, '../../out/renderer')

/**
 * The composition root: starts store, API server, controllers, scheduler, gateway and nodes of one cluster. Resolves when
 * the API and the page answer; nodes come up meanwhile. The caller holds the data directory's lock.
 */
export async function startCluster(start: StartOptions): Promise<Cluster> {
  const { options, clock, log } = start
  const { dataDirectory } = options
  mkdirSync(join(dataDirectory, 'pki'), { recursive: true, mode: 0o700 })
  const file = openClusterFile(dataDirectory, options.name)
  const late: {
    nodes?: Nodes
    elsewhere?: NodesElsewhere
    informers?: InformerFactory
    agentsReady?: boolean
  } = {}

  const plane = await openControlPlane({
    ...options,
    ...(start.encryptionKey && { encryptionKey: start.encryptionKey }),
    ...(start.opening && { opening: start.opening }),
    ...(start.flags && { flags: start.flags }),
    nodeBackends: (name) => late.nodes?.backends(name) ?? late.elsewhere?.backends(name),
    kubeletAddress: (name) => late.nodes?.kubeletAddress(name) ?? late.elsewhere?.kubeletAddress(name),
    readers: createResourceMetrics({
      pods: () => late.informers?.informer(resources.pods).store,
      nodes: () => late.informers?.informer(resources.nodes).store,
      usageOf: (name) => late.nodes?.usageOf(name) ?? late.elsewhere?.usageOf(name),
      clock,
    }),
    agentsReady: () => late.agentsReady === true,
    clock,
    log,
  })
  const { server, pki } = plane
  const system = plane.clientFor('system:wheelhouse')
  // What upstream's server makes, ours makes under its name.
  const { transport: own } = plane.clientFor('system:apiserver')
  await ensureBootstrapObjects(own)
  await publishAuthentication(own, {
    clientCa: pki.ca.certificate,
    frontProxyCa: pki.frontProxyCa.certificate,
  })
  await plane.startAccessControl()
  const { port } = await server.listen(loopback, options.apiPort || (file.apiPort ?? 0))
  file.apiPort = port
  const api = `https://${loopback}:${port}`
  await publishClusterInfo(system, { server: api, ca: pki.ca.certificate })

  const informers = createInformerFactory({ client: system, clock, log: log.child('informers') })
  late.informers = informers
  late.elsewhere = createNodesElsewhere({ pki, informers, own: () => late.nodes, clock })
  const services = createServiceIndex({
    services: informers.informer(resources.services),
    endpointSlices: informers.informer(resources.endpointSlices),
    nodes: informers.informer(resources.nodes),
  })
  const serviceRanges = createServiceRanges(informers.informer(resources.serviceCidrs), serviceNetwork.range)
  const policies = createPolicyIndex({
    policies: informers.informer(resources.networkPolicies),
    pods: informers.informer(resources.pods),
    namespaces: informers.informer(resources.namespaces),
  })
  const hostPorts = createHostPortIndex(informers.informer(resources.pods))
  const pods = createPodSources(informers.informer(resources.pods))
  const { manager, serverTransport } = await connectManager(pki, api)
  const endpoints = createApiServerEndpoints({
    store: plane.store,
    transport: system.transport,
    clock,
    log: log.child('endpoints'),
  })
  const platform =
    options.runtime === 'docker' && options.nodes > 0
      ? // Only where it is needed: Docker's client takes 50 ms and 20 MiB to load.
        (await import('./docker-platform.ts')).createDockerPlatform({
          clusterId: file.id,
          podSubnet: file.podSubnet,
          services,
          async exposeApiServer(listen, reach) {
            await plane.addServingAddress(reach)
            const address = await server.listen(listen, port)
            await endpoints.advertise({ ip: reach, port: address.port })
            return { ip: reach, port: address.port }
          },
          onNetwork(subnet) {
            file.podSubnet = subnet
            writeClusterFile(dataDirectory, file)
          },
          clock,
          log,
        })
      : undefined
  const volumeHost = platform?.volumeHost ?? noVolumeHost
  const leading = server.metrics.gauge(
    'leader_election_master_status',
    '[ALPHA] Whether this process holds the lease: 1, or else 0.',
  )
  const observers = {
    observeQueue: createWorkQueueMetrics(server.metrics, clock),
    schedulerObserver: createSchedulerMetrics(server.metrics),
  }
  const localServices = createLocalServices({
    options,
    client: system,
    informers,
    services,
    dialer: plane.dialer,
    pki,
    clock,
    log,
  })
  const agents = createLeadingAgents({
    client: plane.clientFor('system:kube-controller-manager'),
    // On SQLite nobody else can be at it, so a restart need not wait for its own lease to run out.
    identity: `${hostname()}_${options.etcd ? randomUUID() : file.id}`,
    create: () =>
      createAgents({
        plane,
        informers,
        volumeHost,
        ...localServices,
        serverTransport,
        ...observers,
        clock,
        log,
      }),
    onLeading: (leads) => leading.set({ name: leaderLease.name }, leads ? 1 : 0),
    clock,
    log: log.child('leader-election'),
  })
  const problemEvents = createDockerProblemEvents({
    pods: informers.informer(resources.pods),
    recorder: createEventRecorder({ client: system, component: 'wheelhouse', clock, log }),
  })
  const nodes = createNodes({
    clusterId: file.id,
    members: nodeMembers(options),
    assumedSubnet: file.podSubnet ?? assumedSubnet,
    seccompDirectory: join(dataDirectory, 'seccomp'),
    settings: options.kubelet ?? defaultKubeletSettings,
    podLogDirectory: join(dataDirectory, 'pod-logs'),
    imagesDirectory: join(dataDirectory, 'images'),
    staticPodPath: options.staticPodPath ?? join(dataDirectory, 'manifests'),
    platform,
    clientFor: (node) => plane.nodeClientFor(node),
    system,
    nodes: informers.informer(resources.nodes),
    pods,
    services,
    serviceRanges,
    policies,
    hostPorts,
    listen: createKubeletListener({ pki, clock, log: log.child('kubelet-api') }),
    onProblem: (problem) => problemEvents.set(problem),
    clock,
    log,
  })

  late.nodes = nodes
  const adminName = 'wheelhouse-admin'
  const tables = plane.tablesFor(adminName)
  const { admin, kubeconfig } = await publishAdminAccess({
    options,
    userName: adminName,
    server: api,
    pki,
    log,
  })

  const gateway = await createGateway({
    clusters: [
      {
        id: 'local',
        name: options.name,
        server: api,
        ca: pki.ca.certificate,
        get clientCert() {
          return admin.current.certificate
        },
        get clientKey() {
          return admin.current.key
        },
        builtIn: true,
        tables,
        explainScheduling: (podKey) => agents.explainScheduling(podKey),
      },
    ],
    staticDirectory: start.staticDirectory ?? builtPage,
    host: loopback,
    port: options.uiPort || (file.uiPort ?? 0),
    preferencesFile: join(dataDirectory, 'preferences.json'),
    clock,
    log: log.child('gateway'),
  })
  file.uiPort = gateway.port
  writeClusterFile(dataDirectory, file)

  informers.start()
  await agents.start()
  late.agentsReady = true
  const nodesUp = nodes.start().catch((error: unknown) => log.error('nodes could not be started', { error }))
  // With Docker at hand the nodes are registered by the time the caller may ask for them; without, nobody waits.
  await Promise.race([nodesUp, new Promise<void>((resolve) => clock.after(nodeGraceMs, resolve))])
  return {
    api,
    ui: gateway.url,
    kubeconfig,
    async stop() {
      admin[Symbol.dispose]()
      await gateway.close()
      await nodesUp
      await nodes.stop(options.onExit)
      await agents.stop()
      await localServices.close()
      await endpoints.close()
      serverTransport[Symbol.dispose]()
      manager[Symbol.dispose]()
      problemEvents[Symbol.dispose]()
      informers[Symbol.dispose]()
      services[Symbol.dispose]()
      serviceRanges[Symbol.dispose]()
      policies[Symbol.dispose]()
      hostPorts[Symbol.dispose]()
      await platform?.close()
      await plane.close()
    },
  }
}
