import type { Service } from '../api/generated/core-v1.ts'
import type { EndpointSlice } from '../api/generated/discovery-v1.ts'
import type { CSIDriver, StorageClass } from '../api/generated/storage-v1.ts'
import type { Resource } from '../api/gvk.ts'
import type { KubeObject } from '../api/meta.ts'
import { systemPriorityClasses } from '../api/priority-classes.ts'
import { resources } from '../api/resources.ts'
import { isAlreadyExists, isNotFound } from '../api/status.ts'
import { localProvisioner } from '../api/volume-annotations.ts'
import { createClient } from '../client/client.ts'
import type { Transport } from '../client/transport.ts'
import { builtInIngressClass } from './ingress-defaults.ts'
import { nodeJoiningPolicy } from './node-joining.ts'
import { ensureService, recordServiceAddresses } from './service-addresses.ts'

/** The range of Service addresses and the two that are fixed in it. */
export const serviceNetwork = {
  range: '10.96.0.0/16',
  kubernetesIp: '10.96.0.1',
  dnsIp: '10.96.0.10',
} as const

/** Common name of the front proxy's certificate. */
export const frontProxyClient = 'front-proxy-client'

export const clusterDomain = 'cluster.local'

/** Namespaces every cluster has (upstream: pkg/controlplane/controller/systemnamespaces). */
const namespaces = ['default', 'kube-system', 'kube-public', 'kube-node-lease']

const kubernetesService: Service = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: {
    name: 'kubernetes',
    namespace: 'default',
    labels: { component: 'apiserver', provider: 'kubernetes' },
  },
  spec: {
    type: 'ClusterIP',
    clusterIP: serviceNetwork.kubernetesIp,
    ipFamilyPolicy: 'SingleStack',
    ports: [{ name: 'https', port: 443, protocol: 'TCP', targetPort: 443 }],
  },
}

const dnsService: Service = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: {
    name: 'kube-dns',
    namespace: 'kube-system',
    // As kubeadm labels it; by `cluster-service` kubectl cluster-info finds it.
    labels: {
      'k8s-app': 'kube-dns',
      'kubernetes.io/cluster-service': 'true',
      'kubernetes.io/name': 'CoreDNS',
    },
  },
  spec: {
    type: 'ClusterIP',
    clusterIP: serviceNetwork.dnsIp,
    ports: [
      { name: 'dns', port: 53, protocol: 'UDP', targetPort: 53 },
      { name: 'dns-tcp', port: 53, protocol: 'TCP', targetPort: 53 },
    ],
  },
}

async function ensure<T extends KubeObject>(
  transport: Transport,
  resource: Resource,
  object: T,
): Promise<void> {
  const { namespace } = object.metadata
  const call = { verb: 'create', resource, body: object } as const
  try {
    await transport.call(namespace === undefined ? call : { ...call, namespace })
  } catch (error) {
    if (!isAlreadyExists(error)) throw error
  }
}

/** The name kind and minikube give it. */
const defaultStorageClass: StorageClass = {
  apiVersion: 'storage.k8s.io/v1',
  kind: 'StorageClass',
  metadata: {
    name: 'standard',
    annotations: { 'storageclass.kubernetes.io/is-default-class': 'true' },
  },
  provisioner: localProvisioner,
  reclaimPolicy: 'Delete',
  volumeBindingMode: 'WaitForFirstConsumer',
  allowVolumeExpansion: true,
}

/** Tells clients and the scheduler about the driver; nothing has to be attached to a node. */
const localDriver: CSIDriver = {
  apiVersion: 'storage.k8s.io/v1',
  kind: 'CSIDriver',
  metadata: { name: localProvisioner },
  spec: {
    attachRequired: false,
    podInfoOnMount: false,
    storageCapacity: false,
    fsGroupPolicy: 'File',
    volumeLifecycleModes: ['Persistent'],
  },
}

/** Whether this cluster was never started before: its own namespaces are missing. */
async function isNewCluster(transport: Transport): Promise<boolean> {
  try {
    await transport.call({ verb: 'get', resource: resources.namespaces, name: 'kube-system' })
    return false
  } catch (error) {
    if (isNotFound(error)) return true
    throw error
  }
}

/**
 * Creates what a new cluster starts with and is missing: namespaces, PriorityClasses, what joining nodes may do, the range of
 * Service addresses, the Services of the API server and of DNS. The default StorageClass is the user's from then on: one that is deleted does not come back.
 */
export async function ensureBootstrapObjects(transport: Transport): Promise<void> {
  // Before the namespaces, by which a cluster that was started before is known.
  if (await isNewCluster(transport)) {
    await ensure(transport, resources.storageClasses, defaultStorageClass)
    await ensure(transport, resources.ingressClasses, builtInIngressClass)
  }
  await ensure(transport, resources.csiDrivers, localDriver)
  for (const name of namespaces) {
    await ensure(transport, resources.namespaces, { apiVersion: 'v1', kind: 'Namespace', metadata: { name } })
  }
  for (const { name, value, description } of systemPriorityClasses) {
    await ensure(transport, resources.priorityClasses, { metadata: { name }, value, description })
  }
  for (const { resource, object } of nodeJoiningPolicy) await ensure(transport, resource, object)
  const client = createClient(transport)
  await recordServiceAddresses(client, serviceNetwork.range)
  await ensureService(client, kubernetesService)
  await ensureService(client, dnsService)
}

/**
 * Publishes what extension API servers trust, in kube-system/extension-apiserver-authentication (upstream:
 * clusterauthenticationtrust): the CA of clients, and the CA and header names of the front proxy. PEM.
 */
export async function publishAuthentication(
  transport: Transport,
  trusted: { clientCa: string; frontProxyCa: string },
): Promise<void> {
  await replace(transport, resources.configMaps, {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'extension-apiserver-authentication', namespace: 'kube-system' },
    data: {
      'client-ca-file': trusted.clientCa,
      'requestheader-allowed-names': JSON.stringify([frontProxyClient]),
      'requestheader-client-ca-file': trusted.frontProxyCa,
      'requestheader-extra-headers-prefix': '["X-Remote-Extra-"]',
      'requestheader-group-headers': '["X-Remote-Group"]',
      'requestheader-uid-headers': '["X-Remote-Uid"]',
      'requestheader-username-headers': '["X-Remote-User"]',
    },
  })
}

/** Where an API server is, as pods reach it. */
export interface ApiServerAddress {
  ip: string
  port: number
}

/**
 * Publishes where the API servers are in the EndpointSlice and Endpoints of the `kubernetes` Service (upstream:
 * pkg/controlplane/reconcilers). Upstream's servers all have one port; those on another than the first get slices of their own.
 * Writes nothing where that is what there is.
 */
export async function publishApiServerAddresses(
  transport: Transport,
  addresses: readonly ApiServerAddress[],
): Promise<void> {
  const metadata = { name: 'kubernetes', namespace: 'default' }
  const byPort = Map.groupBy(addresses, ({ port }) => port)
  const groups = [...byPort]
    .toSorted(([a], [b]) => a - b)
    .map(([port, members]) => ({
      ips: members.map(({ ip }) => ip).toSorted(),
      ports: [{ name: 'https', port, protocol: 'TCP' as const }],
    }))
  const labels = { 'kubernetes.io/service-name': 'kubernetes' }
  const slices = groups.map(({ ips, ports }, at): EndpointSlice => ({
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { ...metadata, name: at === 0 ? 'kubernetes' : `kubernetes-${ports[0]!.port}`, labels },
    addressType: 'IPv4',
    endpoints: ips.map((ip) => ({ addresses: [ip], conditions: { ready: true } })),
    ports,
  }))
  await removeOtherSlices(transport, slices)
  for (const slice of slices) await replace(transport, resources.endpointSlices, slice)
  await replace(transport, resources.endpoints, {
    apiVersion: 'v1',
    kind: 'Endpoints',
    metadata: { ...metadata, labels: { 'endpointslice.kubernetes.io/skip-mirror': 'true' } },
    subsets: groups.map(({ ips, ports }) => ({ addresses: ips.map((ip) => ({ ip })), ports })),
  })
}

async function removeOtherSlices(transport: Transport, kept: readonly EndpointSlice[]): Promise<void> {
  const names = kept.map(({ metadata }) => metadata.name)
  const { items } = await createClient(transport).list(resources.endpointSlices, {
    namespace: 'default',
    labelSelector: 'kubernetes.io/service-name=kubernetes',
  })
  for (const { metadata } of items) {
    if (names.includes(metadata.name)) continue
    const { name } = metadata
    try {
      await transport.call({ verb: 'delete', resource: resources.endpointSlices, namespace: 'default', name })
    } catch (error) {
      if (!isNotFound(error)) throw error
    }
  }
}

async function replace<T extends KubeObject>(
  transport: Transport,
  resource: Resource<T>,
  object: T,
): Promise<void> {
  const { namespace, name } = object.metadata
  const place = { resource, namespace: namespace ?? '' }
  try {
    await transport.call({ verb: 'create', ...place, body: object })
  } catch (error) {
    if (!isAlreadyExists(error)) throw error
    await transport.call({ verb: 'update', ...place, name, body: object })
  }
}
