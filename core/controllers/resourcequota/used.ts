import type { ResourceQuota } from '../../api/generated/core-v1.ts'
import type { Resource } from '../../api/gvk.ts'
import type { KubeObject } from '../../api/meta.ts'
import { addAmounts, pickAmounts, type Amounts } from '../../api/quota/amounts.ts'
import { evaluatorFor, quotaMatches } from '../../api/quota/evaluator.ts'

export interface Counted {
  now: number
  /** Those that the quota bounds. */
  resources: Resource<KubeObject>[]
  /** The objects of a resource in the quota's namespace. */
  objects: (resource: Resource<KubeObject>) => KubeObject[]
}

/** What is used of a quota's bounds (upstream: apiserver/pkg/quota/v1 CalculateUsage); 0 where there is nothing. */
export function usedOf(quota: ResourceQuota, { now, resources, objects }: Counted): Amounts {
  const hard = quota.spec.hard ?? {}
  const names = Object.keys(hard)
  let used: Amounts = {}
  // What nothing served answers for keeps what was last known of it.
  for (const name of names) {
    const isCountable = resources.some((resource) => evaluatorFor(resource).matching([name]).length > 0)
    const last = quota.status?.used?.[name]
    if (isCountable) used[name] = '0'
    else if (last !== undefined) used[name] = last
  }
  for (const resource of resources) {
    const evaluator = evaluatorFor(resource)
    const matching = evaluator.matching(names)
    for (const object of objects(resource)) {
      if (!quotaMatches(quota, hard, { evaluator, object })) continue
      used = addAmounts(used, pickAmounts(evaluator.usage(object, now), matching))
    }
  }
  return used
}
