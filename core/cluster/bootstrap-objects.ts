import type { Service } from '../api/generated/core-v1.ts'
import type { EndpointSlice } from '../api/generated/discovery-v1.ts'
import type { CSIDriver, StorageClass } from '../api/generated/storage-v1.ts'
import type { Resource } from '../api/gvk.ts'
import type { KubeObject } from '../api/meta.ts'
import { systemPriorityClasses } from '../api/priority-classes.ts'
import { resources } from '../api/resources.ts'
import { isAlreadyExists, isNotFound } from '../api/status.ts'
import { localProvisioner } from '../api/volume-annotations.ts'
import type { Transport } from '../client/transport.ts'
import { nodeJoiningPolicy } from './node-joining.ts'

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
    ports: [{ name: 'https', port: 443, protocol: 'TCP', targetPort: 443 }],
  },
}

const dnsService: Service = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: {
    name: 'kube-dns',
    namespace: 'kube-system',
    labels: { 'k8s-app': 'kube-dns', 'kubernetes.io/name': 'CoreDNS' },
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
 * Creates what a new cluster starts with and is missing: namespaces, PriorityClasses, what joining nodes may do, the Services
 * of the API server and of DNS. The default StorageClass is the user's from then on: one that is deleted does not come back.
 */
export async function ensureBootstrapObjects(transport: Transport): Promise<void> {
  // Before the namespaces, by which a cluster that was started before is known.
  if (await isNewCluster(transport)) await ensure(transport, resources.storageClasses, defaultStorageClass)
  await ensure(transport, resources.csiDrivers, localDriver)
  for (const name of namespaces) {
    await ensure(transport, resources.namespaces, { apiVersion: 'v1', kind: 'Namespace', metadata: { name } })
  }
  for (const { name, value, description } of systemPriorityClasses) {
    await ensure(transport, resources.priorityClasses, { metadata: { name }, value, description })
  }
  for (const { resource, object } of nodeJoiningPolicy) await ensure(transport, resource, object)
  await ensure(transport, resources.services, kubernetesService)
  await ensure(transport, resources.services, dnsService)
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

/**
 * Publishes where the API server is, as pods reach it, in the EndpointSlice and Endpoints of the `kubernetes` Service
 * (upstream: pkg/controlplane/reconcilers).
 */
export async function publishApiServerAddress(
  transport: Transport,
  address: { ip: string; port: number },
): Promise<void> {
  const metadata = { name: 'kubernetes', namespace: 'default' }
  const slice: EndpointSlice = {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { ...metadata, labels: { 'kubernetes.io/service-name': 'kubernetes' } },
    addressType: 'IPv4',
    endpoints: [{ addresses: [address.ip], conditions: { ready: true } }],
    ports: [{ name: 'https', port: address.port, protocol: 'TCP' }],
  }
  await replace(transport, resources.endpointSlices, slice)
  await replace(transport, resources.endpoints, {
    apiVersion: 'v1',
    kind: 'Endpoints',
    metadata: { ...metadata, labels: { 'endpointslice.kubernetes.io/skip-mirror': 'true' } },
    subsets: [
      {
        addresses: [{ ip: address.ip }],
        ports: [{ name: 'https', port: address.port, protocol: 'TCP' }],
      },
    ],
  })
}

async function replace<T extends KubeObject>(
  transport: Transport,
  resource: Resource<T>,
  object: T,
): Promise<void> {
  const { namespace, name } = object.metadata
  try {
    await transport.call({ verb: 'create', resource, namespace: namespace ?? '', body: object })
  } catch (error) {
    if (!isAlreadyExists(error)) throw error
    await transport.call({ verb: 'update', resource, namespace: namespace ?? '', name, body: object })
  }
}
