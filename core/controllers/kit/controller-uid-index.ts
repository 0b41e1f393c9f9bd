import { controllerOf, type KubeObject } from '../../api/meta.ts'
import type { Informer } from '../../client/informer.ts'

const index = 'controllerUid'

/** Finds objects by their managing controller. */
export interface ByController<T extends KubeObject> {
  /** Objects whose controller reference has this uid. */
  controlledBy(uid: string | undefined): T[]
  /** Objects of a namespace without a controller. */
  orphansIn(namespace: string | undefined): T[]
}

/** Adds the index to an informer; several callers share one. */
export function indexByController<T extends KubeObject>(informer: Informer<T>): ByController<T> {
  informer.addIndex(index, (object) => [
    controllerOf(object)?.uid ?? `orphan/${object.metadata.namespace ?? ''}`,
  ])
  return {
    controlledBy: (uid) => (uid === undefined ? [] : informer.store.byIndex(index, uid)),
    orphansIn: (namespace) => informer.store.byIndex(index, `orphan/${namespace ?? ''}`),
  }
}
