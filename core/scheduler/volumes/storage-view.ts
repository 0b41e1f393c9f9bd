import type { PersistentVolume, PersistentVolumeClaim } from '../../api/generated/core-v1.ts'
import type { CSINode, StorageClass } from '../../api/generated/storage-v1.ts'
import type { KubeObject } from '../../api/meta.ts'
import { resources } from '../../api/resources.ts'
import { storageClassOf } from '../../api/volume-binding.ts'
import type { InformerFactory } from '../../client/informer-factory.ts'
import type { Informer } from '../../client/informer.ts'

/** What plugins see of storage. */
export interface StorageView {
  /** By `namespace/name`. */
  claim(key: string): PersistentVolumeClaim | undefined
  volume(name: string): PersistentVolume | undefined
  volumesOfClass(name: string): readonly PersistentVolume[]
  storageClass(name: string): StorageClass | undefined
  csiNode(nodeName: string): CSINode | undefined
  /** The claim that a pod on its way to a node has chosen this volume for. */
  assumedClaimOf(volumeName: string): string | undefined
  /** The node that a claim's volume is about to be made for. */
  assumedNodeOf(claimKey: string): string | undefined
}

/** Choices that were made and are not written yet; plugins see them through the view (upstream: volumebinding assume_cache.go). */
export interface Assumptions {
  readonly volumes: Map<string, string>
  readonly claims: Map<string, string>
}

const byClass = 'storageClass'

/** The informers that storage is read from, and the view over them. */
export function createStorageView(
  informers: InformerFactory,
  assumptions: Assumptions,
): { view: StorageView; informers: readonly Informer<KubeObject>[] } {
  const claims = informers.informer(resources.persistentVolumeClaims)
  const volumes = informers.informer(resources.persistentVolumes)
  const classes = informers.informer(resources.storageClasses)
  const nodes = informers.informer(resources.csiNodes)
  volumes.addIndex(byClass, (volume) => [storageClassOf(volume)])
  const view: StorageView = {
    claim: (key) => claims.store.get(key),
    volume: (name) => volumes.store.get(name),
    volumesOfClass: (name) => volumes.store.byIndex(byClass, name),
    storageClass: (name) => classes.store.get(name),
    csiNode: (name) => nodes.store.get(name),
    assumedClaimOf: (name) => assumptions.volumes.get(name),
    assumedNodeOf: (key) => assumptions.claims.get(key),
  }
  return { view, informers: [claims, volumes, classes, nodes] as unknown as Informer<KubeObject>[] }
}
