import type { Node } from '../../api/generated/core-v1.ts'
import type { CSINode } from '../../api/generated/storage-v1.ts'
import { isAlreadyExists } from '../../api/status.ts'
import { localProvisioner } from '../../api/volume-annotations.ts'
import type { KubeletApi } from '../kubelet-api.ts'

/**
 * Has the CSINode of a node say which CSI drivers it has: the built-in one (upstream: volume/csi/nodeinfomanager). It belongs
 * to the Node and goes with it; one that a Node of the same name left behind changes hands.
 */
export async function ensureCsiNode(
  api: Pick<KubeletApi, 'csiNode' | 'createCsiNode' | 'patchCsiNode'>,
  { metadata: { name, uid = '' } }: Node,
): Promise<void> {
  const ownerReferences = [{ apiVersion: 'v1', kind: 'Node', name, uid }]
  const existing = await api.csiNode(name)
  if (!existing) {
    try {
      await api.createCsiNode(newCsiNode(name, ownerReferences))
    } catch (error) {
      if (!isAlreadyExists(error)) throw error
    }
    return
  }
  const isOwned = existing.metadata.ownerReferences?.some((owner) => owner.uid === uid)
  if (!isOwned) await api.patchCsiNode(name, { metadata: { ownerReferences } })
}

function newCsiNode(
  name: string,
  ownerReferences: NonNullable<CSINode['metadata']['ownerReferences']>,
): CSINode {
  return {
    apiVersion: 'storage.k8s.io/v1',
    kind: 'CSINode',
    metadata: { name, ownerReferences },
    spec: { drivers: [{ name: localProvisioner, nodeID: name }] },
  }
}
