import type { Pod } from '../../api/generated/core-v1.ts'

interface Claim {
  namespace: string
  matches: (pod: Pod) => boolean
}

/** Which autoscalers select which pods, to find those that pull at the same ones (upstream: util/selectors BiMultimap). */
export interface SelectorClaims {
  /** `key` is the autoscaler's. */
  set(key: string, claim: Claim): void
  delete(key: string): void
  /** Keys of the autoscalers that select any of these pods, sorted. */
  holdersOf(namespace: string, pods: Pod[]): string[]
}

/** No claims yet. */
export function createSelectorClaims(): SelectorClaims {
  const claims = new Map<string, Claim>()
  return {
    set: (key, claim) => void claims.set(key, claim),
    delete: (key) => void claims.delete(key),
    holdersOf: (namespace, pods) =>
      [...claims]
        .filter(([, claim]) => claim.namespace === namespace && pods.some(claim.matches))
        .map(([key]) => key)
        .sort(),
  }
}
