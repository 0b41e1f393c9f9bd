import type { Pod } from '../../api/generated/core-v1.ts'
import { quantityMilli } from '../../api/quantity.ts'
import type { PodMetricsByName } from './metrics-client.ts'
import { sidecarsOf } from '../../api/sidecars.ts'

/** How far the ratio of usage to target may be from 1 in either direction before it counts. */
export interface Tolerances {
  scaleUp: number
  scaleDown: number
}

/** Whether a ratio of usage to target asks for no change. */
export function isWithin({ scaleUp, scaleDown }: Tolerances, ratio: number): boolean {
  return 1 - scaleDown <= ratio && ratio <= 1 + scaleUp
}

/** Usage as a share of requests, against a target in percent. Throws when no pod's request is known. */
export function utilizationRatio(
  metrics: PodMetricsByName,
  requests: Map<string, number>,
  targetPercent: number,
): { ratio: number; percent: number; average: number } {
  let used = 0
  let requested = 0
  let count = 0
  for (const [name, { value }] of metrics) {
    const request = requests.get(name)
    if (request === undefined) continue
    used += value
    requested += request
    count++
  }
  if (requested === 0) throw new Error('no metrics returned matched known pods')
  const percent = Math.trunc((used * 100) / requested)
  return { ratio: percent / targetPercent, percent, average: Math.trunc(used / count) }
}

/** Average usage in thousandths, against a target in thousandths. */
export function averageRatio(metrics: PodMetricsByName, target: number): { ratio: number; average: number } {
  let used = 0
  for (const { value } of metrics.values()) used += value
  const average = Math.trunc(used / metrics.size)
  return { ratio: average / target, average }
}

/**
 * What each pod requests of a resource, in thousandths; of one container only when it is named. Throws when a container
 * that counts requests none.
 */
export function podRequests(
  pods: Pod[],
  resource: string,
  container: string | undefined,
): Map<string, number> {
  const requests = new Map<string, number>()
  for (const { metadata, spec } of pods) {
    const podLevel = container === undefined ? spec.resources?.requests?.[resource] : undefined
    if (podLevel !== undefined) {
      requests.set(metadata.name, quantityMilli(podLevel))
      continue
    }
    let sum = 0
    for (const { name, resources } of [...spec.containers, ...sidecarsOf(spec)]) {
      if (container !== undefined && name !== container) continue
      const request = resources?.requests?.[resource]
      if (request === undefined) {
        throw new Error(`missing request for ${resource} in container ${name} of Pod ${metadata.name}`)
      }
      sum += quantityMilli(request)
    }
    requests.set(metadata.name, sum)
  }
  return requests
}
