import { stringify } from 'yaml'
import { resources } from '../api/resources.ts'
import type { Client } from '../client/client.ts'
import { findObject } from '../client/find-object.ts'

/** Where those without credentials read it. */
export const clusterInfoPath = '/api/v1/namespaces/kube-public/configmaps/cluster-info'

/**
 * Publishes how the cluster is reached, and by which CA (PEM) it is known, for those without credentials: a kubeconfig
 * without users in the ConfigMap kube-public/cluster-info (upstream: cmd/kubeadm/app/phases/bootstraptoken/clusterinfo).
 * What else the ConfigMap holds stays.
 */
export async function publishClusterInfo(
  client: Client,
  cluster: { server: string; ca: string },
): Promise<void> {
  const { server, ca } = cluster
  const kubeconfig = stringify({
    apiVersion: 'v1',
    clusters: [
      {
        cluster: { 'certificate-authority-data': Buffer.from(ca).toString('base64'), server },
        name: '',
      },
    ],
    contexts: null,
    'current-context': '',
    kind: 'Config',
    users: null,
  })
  const metadata = { name: 'cluster-info', namespace: 'kube-public' }
  const existing = await findObject(client, resources.configMaps, metadata)
  if (!existing) await client.create(resources.configMaps, { metadata, data: { kubeconfig } })
  else if (existing.data?.['kubeconfig'] !== kubeconfig)
    await client.update(resources.configMaps, { ...existing, data: { ...existing.data, kubeconfig } })
}
