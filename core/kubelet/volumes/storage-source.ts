import type { Node, PersistentVolume, PersistentVolumeClaim, Pod } from '../../api/generated/core-v1.ts'

/** Reads what claims in pods lead to; undefined where it does not exist. */
export interface StorageSource {
  claim(namespace: string, name: string): Promise<PersistentVolumeClaim | undefined>
  persistentVolume(name: string): Promise<PersistentVolume | undefined>
  /** All pods of the namespace, on any node. */
  podsIn(namespace: string): Promise<Pod[]>
  getNode(name: string): Promise<Node | undefined>
}
