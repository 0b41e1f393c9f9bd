import type { NetworkPolicyPeer } from '../../api/generated/networking-v1.ts'
import { labelMatcher } from '../../api/selectors.ts'
import type { PolicyIndex } from './policy-index.ts'
import type { PolicyPod } from './policy-pods.ts'

/** Finds the pods that policy peers select; remembers what it found, so it must not outlive a change of the index. */
export interface PeerLookup {
  /** Pods that a peer without ipBlock selects, seen from a policy's namespace. */
  podsOf(peer: NetworkPolicyPeer, policyNamespace: string): PolicyPod[]
  /** Every pod of the cluster. */
  everyPod(): PolicyPod[]
}

/** A lookup over the index as it is now, with `more` pods that the API does not have. */
export function createPeerLookup(index: PolicyIndex, more: readonly PolicyPod[]): PeerLookup {
  const found = new Map<string, PolicyPod[]>()
  let all: PolicyPod[] | undefined

  function podsIn(namespace: string): PolicyPod[] {
    return [...index.pods(namespace), ...more.filter((pod) => pod.namespace === namespace)]
  }

  function select(peer: NetworkPolicyPeer, policyNamespace: string): PolicyPod[] {
    const inNamespace = labelMatcher(peer.namespaceSelector)
    const names = peer.namespaceSelector
      ? [...index.namespaces()].flatMap(([name, labels]) => (inNamespace(labels) ? [name] : []))
      : [policyNamespace]
    const matches = peer.podSelector ? labelMatcher(peer.podSelector) : () => true
    return names.flatMap((name) => podsIn(name).filter((pod) => matches(pod.labels)))
  }

  return {
    podsOf(peer, policyNamespace) {
      const { podSelector, namespaceSelector } = peer
      const key = JSON.stringify([namespaceSelector ? '' : policyNamespace, namespaceSelector, podSelector])
      let pods = found.get(key)
      if (!pods) found.set(key, (pods = select(peer, policyNamespace)))
      return pods
    },
    everyPod() {
      all ??= [...index.namespaces()].flatMap(([name]) => podsIn(name))
      return all
    },
  }
}
