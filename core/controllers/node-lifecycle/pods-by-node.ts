import type { Pod } from '../../api/generated/core-v1.ts'
import type { Informer } from '../../client/informer.ts'

const index = 'nodeName'

/** Adds an index by node to the pod informer and returns the way to ask it. */
export function indexPodsByNode(pods: Informer<Pod>): (nodeName: string) => Pod[] {
  pods.addIndex(index, (pod) => (pod.spec.nodeName ? [pod.spec.nodeName] : []))
  return (nodeName) => pods.store.byIndex(index, nodeName)
}
