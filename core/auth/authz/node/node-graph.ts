import type { PersistentVolume, Pod } from '../../../api/generated/core-v1.ts'
import type { VolumeAttachment } from '../../../api/generated/storage-v1.ts'
import { resources } from '../../../api/resources.ts'
import type { InformerFactory } from '../../../client/informer-factory.ts'
import { referencesOf } from './pod-references.ts'

/** What a node may have to do with. */
export type NodeObjectType =
  | 'secret'
  | 'configMap'
  | 'claim'
  | 'resourceClaim'
  | 'serviceAccount'
  | 'pod'
  | 'volume'
  | 'attachment'
  | 'slice'

/** Which objects belong to a node: by the pods bound to it, and by what these lead to (upstream: authorizer/node/graph.go). */
export interface NodeGraph {
  /** `namespace` is '' for cluster-scoped objects. */
  isRelated(node: string, type: NodeObjectType, object: { namespace: string; name: string }): boolean
}

const podIndex = 'nodeAuthorizerReference'
const volumeIndex = 'nodeAuthorizerSecret'

/** A graph over informers: every question is a look-up in an index. It knows nothing until they have synced. */
export function createInformerNodeGraph(informers: InformerFactory): NodeGraph {
  const pods = informers.informer(resources.pods)
  const volumes = informers.informer(resources.persistentVolumes)
  const attachments = informers.informer(resources.volumeAttachments)
  const slices = informers.informer(resources.resourceSlices)
  pods.addIndex(podIndex, podKeys)
  volumes.addIndex(volumeIndex, volumeSecretKeys)

  function isNamedByPod(node: string, type: NodeObjectType, key: string): boolean {
    return pods.store.byIndex(podIndex, indexKey(node, type, key)).length > 0
  }
  function isClaimed(node: string, volume: PersistentVolume | undefined): boolean {
    const claim = volume?.spec.claimRef
    return claim !== undefined && isNamedByPod(node, 'claim', `${claim.namespace ?? ''}/${claim.name ?? ''}`)
  }

  return {
    isRelated(node, type, { namespace, name }) {
      const key = `${namespace}/${name}`
      switch (type) {
        case 'pod':
          return pods.store.get(key)?.spec.nodeName === node
        case 'volume':
          return isClaimed(node, volumes.store.get(name))
        case 'attachment':
          return (attachments.store.get(name) as VolumeAttachment | undefined)?.spec.nodeName === node
        case 'slice':
          return slices.store.get(name)?.spec.nodeName === node
        case 'secret':
          if (isNamedByPod(node, type, key)) return true
          return volumes.store.byIndex(volumeIndex, key).some((volume) => isClaimed(node, volume))
        default:
          return isNamedByPod(node, type, key)
      }
    },
  }
}

function indexKey(node: string, type: NodeObjectType, key: string): string {
  return `${node}\0${type}\0${key}`
}

/** What the pod's node may read for its sake. */
function podKeys(pod: Pod): string[] {
  const { nodeName } = pod.spec
  const { namespace = '', annotations } = pod.metadata
  if (!nodeName) return []
  const { secrets, configMaps, claims, resourceClaims, serviceAccount } = referencesOf(pod)
  const keys = (type: NodeObjectType, names: string[]): string[] =>
    names.map((name) => indexKey(nodeName, type, `${namespace}/${name}`))
  // A mirror pod is the node's own word: it gives no access to anything.
  if (annotations?.['kubernetes.io/config.mirror'] !== undefined) return []
  return [
    ...new Set([
      ...keys('secret', secrets),
      ...keys('configMap', configMaps),
      ...keys('claim', claims),
      ...keys('resourceClaim', resourceClaims),
      ...keys('serviceAccount', serviceAccount === undefined ? [] : [serviceAccount]),
    ]),
  ]
}

/** The secrets by which a volume is mounted, as `namespace/name` (upstream: VisitPVSecretNames). */
function volumeSecretKeys({ spec }: PersistentVolume): string[] {
  const { csi, azureFile } = spec
  const own = spec.claimRef?.namespace
  const references = [
    azureFile && { name: azureFile.secretName, namespace: azureFile.secretNamespace },
    spec.cephfs?.secretRef,
    spec.cinder?.secretRef,
    spec.flexVolume?.secretRef,
    spec.iscsi?.secretRef,
    spec.rbd?.secretRef,
    spec.scaleIO?.secretRef,
    spec.storageos?.secretRef,
    csi?.controllerPublishSecretRef,
    csi?.controllerExpandSecretRef,
    csi?.nodePublishSecretRef,
    csi?.nodeStageSecretRef,
    csi?.nodeExpandSecretRef,
  ]
  return references.flatMap((reference) =>
    reference?.name ? [`${reference.namespace ?? own ?? ''}/${reference.name}`] : [],
  )
}
