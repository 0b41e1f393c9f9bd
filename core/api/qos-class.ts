import type { PodSpec, ResourceRequirements } from './generated/core-v1.ts'
import { compareQuantity, quantityMilli } from './quantity.ts'

/** The quality of service class a pod's requests and limits earn it (upstream: pkg/apis/core/v1/helper/qos). */
export function qosClassOf(spec: PodSpec): 'Guaranteed' | 'Burstable' | 'BestEffort' {
  const all = spec.resources
    ? [spec.resources]
    : [...(spec.containers ?? []), ...(spec.initContainers ?? [])].map(
        (container) => container.resources ?? {},
      )
  if (!all.some(asksForAnything)) return 'BestEffort'
  return all.every(isGuaranteed) ? 'Guaranteed' : 'Burstable'
}

const computed = ['cpu', 'memory']

function asksForAnything({ limits, requests }: ResourceRequirements): boolean {
  return computed.some((name) => quantityMilli(limits?.[name]) > 0 || quantityMilli(requests?.[name]) > 0)
}

function isGuaranteed({ limits, requests }: ResourceRequirements): boolean {
  return computed.every((name) => {
    const limit = limits?.[name]
    if (limit === undefined || quantityMilli(limit) === 0) return false
    return compareQuantity(requests?.[name] ?? limit, limit) === 0
  })
}
