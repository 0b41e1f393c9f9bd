import type { ReplicaSet, ReplicaSetStatus } from '../../api/generated/apps-v1.ts'
import type { Resource } from '../../api/gvk.ts'
import type { KubeObject } from '../../api/meta.ts'

/** A kind that the ReplicaSet controller can run: one that can be seen as a ReplicaSet. */
export interface ReplicaSource<T extends KubeObject> {
  /** The controller's name; events come from `<name>-controller`. */
  name: string
  resource: Resource<T>
  /** The object as a ReplicaSet, with its own metadata. */
  view(object: T): ReplicaSet
  /** The object with a status that was computed for its view. */
  withStatus(object: T, status: ReplicaSetStatus): T
}
