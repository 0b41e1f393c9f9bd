import type { Pod } from '../../api/generated/core-v1.ts'
import { claimKeysOf } from '../../api/pod-claims.ts'
import type { Informer } from '../../client/informer.ts'

/** Told of the pods bound to one node. */
export interface PodHandler {
  onPod(pod: Pod): void
  onRemoved(pod: Pod): void
}

/** The pods bound to one node, as the API server has them. */
export interface PodSource {
  /** Starts to watch; resolves once every existing pod was handed over. `dispose` ends it. */
  start(handler: PodHandler): Promise<Disposable>
}

/** Gives each kubelet of this process the pods of its node. */
export interface PodSources {
  forNode(nodeName: string): PodSource
  /** The pods on any node that use the claim of this key: a node may read only its own from the API. */
  usingClaim(claimKey: string): Pod[]
}

const byClaim = 'claim'

/**
 * Deals the pods of one informer out to the nodes: a single watch serves all kubelets of the process, and an event costs
 * the same for one node as for a thousand. The informer must see all pods; whoever made it starts and ends it.
 */
export function createPodSources(informer: Informer<Pod>): PodSources {
  const handlers = new Map<string, PodHandler>()
  const handlerOf = (pod: Pod): PodHandler | undefined => handlers.get(pod.spec.nodeName ?? '')
  let subscription: Disposable | undefined

  function subscribe(): void {
    subscription ??= informer.addHandler({
      added: (pod) => handlerOf(pod)?.onPod(pod),
      updated: (pod) => handlerOf(pod)?.onPod(pod),
      deleted: (pod) => handlerOf(pod)?.onRemoved(pod),
    })
  }

  informer.addIndex(byClaim, claimKeysOf)

  return {
    usingClaim: (claimKey) => informer.store.byIndex(byClaim, claimKey),
    forNode: (nodeName) => ({
      async start(handler) {
        subscribe()
        await informer.whenSynced()
        handlers.set(nodeName, handler)
        for (const pod of informer.store.list()) if (pod.spec.nodeName === nodeName) handler.onPod(pod)
        return {
          [Symbol.dispose]: () => {
            if (handlers.get(nodeName) === handler) handlers.delete(nodeName)
          },
        }
      },
    }),
  }
}
