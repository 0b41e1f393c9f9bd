import type { Node, PersistentVolume, PersistentVolumeClaim, Pod } from '../../api/generated/core-v1.ts'
import type { CSIDriver } from '../../api/generated/storage-v1.ts'

/** Reads what claims in pods lead to; undefined where it does not exist. */
export interface StorageSource {
  claim(namespace: string, name: string): Promise<PersistentVolumeClaim | undefined>
  persistentVolume(name: string): Promise<PersistentVolume | undefined>
  /** The pods, on any node, that use the claim of this key (`namespace/name`). */
  podsUsing(claimKey: string): Promise<Pod[]>
  getNode(name: string): Promise<Node | undefined>
  csiDriver(name: string): Promise<CSIDriver | undefined>
}
