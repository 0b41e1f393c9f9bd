import type { Pod } from '../../api/generated/core-v1.ts'
import { compareQuantity, quantityMilli } from '../../api/quantity.ts'

/** Guaranteed, Burstable or BestEffort by the requests and limits for CPU and memory (upstream: pkg/apis/core/v1/helper/qos). */
export function qosClass(pod: Pod): 'Guaranteed' | 'Burstable' | 'BestEffort' {
  const containers = [...(pod.spec.initContainers ?? []), ...pod.spec.containers]
  let any = false
  let guaranteed = true
  for (const { resources } of containers) {
    for (const name of ['cpu', 'memory']) {
      const limit = resources?.limits?.[name]
      const request = resources?.requests?.[name] ?? limit
      if (quantityMilli(limit) > 0 || quantityMilli(request) > 0) any = true
      if (quantityMilli(limit) === 0 || compareQuantity(limit!, request!) !== 0) guaranteed = false
    }
  }
  if (!any) return 'BestEffort'
  return guaranteed ? 'Guaranteed' : 'Burstable'
}
