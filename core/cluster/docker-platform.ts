import { join } from 'node:path'
import { ensureClusterNetwork, type ClusterNetwork } from '../kubelet/docker/cluster-network.ts'
import { connectDocker } from '../kubelet/docker/connect.ts'
import { findHostGateway } from '../kubelet/docker/host-gateway.ts'
import { ensureNodeImage } from '../kubelet/docker/node-image.ts'
import { createPersistentVolumes, type PersistentVolumes } from '../kubelet/docker/persistent-volumes.ts'
import { createDnsServer, type DnsServer } from '../network/dns/dns-server.ts'
import { hostAddress, type HostAddress } from '../network/host-address.ts'
import { readHostResolvers } from '../network/host-resolvers.ts'
import type { HostTarget } from '../network/host-target.ts'
import type { ServiceIndex } from '../network/service-index.ts'
import type { Clock } from '../util/clock.ts'
import type { Logger } from '../util/logger.ts'
import { clusterDomain } from './bootstrap-objects.ts'
import { onceReady, type OnceReady } from './once-ready.ts'

/** What all nodes of a cluster share in Docker, once the engine answers. */
export interface PreparedDocker {
  image: string
  network: ClusterNetwork
  /** How pods reach this process; undefined when the engine gives them no way to it. */
  host: HostAddress | undefined
  /** Where pods reach the API server and the cluster DNS; undefined without a way to this process. */
  apiServer: HostTarget | undefined
  dns: HostTarget | undefined
}

export interface DockerPlatform {
  readonly docker: ReturnType<typeof connectDocker>
  /** Network, node image, DNS and API addresses; rejects while the engine is missing, and may be asked again. */
  readonly prepared: OnceReady<PreparedDocker>
  /** The Docker volumes behind PersistentVolumes. */
  readonly volumeHost: PersistentVolumes
  close(): Promise<void>
}

export interface DockerPlatformOptions {
  clusterId: string
  /** Pod network of the last start. */
  podSubnet: string | undefined
  services: ServiceIndex
  /** Makes the API server listen where pods reach it, and publishes the address. */
  exposeApiServer(listen: string, reach: string): Promise<HostTarget>
  /** Told of the pod network that is used, to be remembered. */
  onNetwork(subnet: string): void
  resourcesDirectory?: string
  clock: Clock
  log: Logger
}

const resources = join(import.meta.dirname, '../../resources')

/** Connects to the engine lazily: creating the platform does nothing that could fail. */
export function createDockerPlatform(options: DockerPlatformOptions): DockerPlatform {
  const { clusterId, clock, log } = options
  const docker = connectDocker()
  let dnsServer: DnsServer | undefined

  async function prepare(): Promise<PreparedDocker> {
    const { podSubnet } = options
    const [network, image] = await Promise.all([
      ensureClusterNetwork({ docker, clusterId, log, ...(podSubnet ? { wantedSubnet: podSubnet } : {}) }),
      ensureNodeImage({ docker, resourcesDirectory: options.resourcesDirectory ?? resources, log }),
    ])
    options.onNetwork(network.subnet)
    const host = await findHostAddress(image, network.gateway)
    if ('unreachable' in host) {
      log.warn(host.unreachable)
      return { image, network, host: undefined, apiServer: undefined, dns: undefined }
    }
    const apiServer = await options.exposeApiServer(host.listen, host.reach)
    dnsServer ??= await createDnsServer({
      services: options.services,
      clusterDomain,
      upstreams: () => readHostResolvers().nameservers,
      listen: { address: host.listen, port: 0 },
      clock,
      log: log.child('dns'),
    })
    return { image, network, host, apiServer, dns: { ip: host.reach, port: dnsServer.address.port } }
  }

  async function findHostAddress(image: string, gateway: string): ReturnType<typeof hostAddress> {
    const local = await hostAddress({ gateway })
    if (!('unreachable' in local)) return local
    const hostGateway = await findHostGateway(docker, { clusterId, image })
    return hostGateway === undefined ? local : hostAddress({ gateway, hostGateway })
  }

  const prepared = onceReady(prepare)
  return {
    docker,
    prepared,
    volumeHost: createPersistentVolumes({
      docker,
      clusterId,
      image: async () => (await prepared.get()).image,
    }),
    close: async () => dnsServer?.close(),
  }
}
