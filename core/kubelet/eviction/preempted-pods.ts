import type { Pod } from '../../api/generated/core-v1.ts'
import { qosClassOf } from '../../api/qos-class.ts'
import { requestsOf } from '../pods/refuse-unfit.ts'
import { isCritical } from './rank-pods.ts'

/** Amounts that have to be freed, by resource. */
export type Requirements = ReadonlyMap<string, number>

/**
 * The pods that make way for a critical one that lacks `needed`: none while BestEffort pods suffice but those, then Burstable,
 * then Guaranteed ones, of each as few as can be (upstream: kubelet/preemption getPodsToPreempt). Undefined when not even all
 * of them together would free enough.
 */
export function preemptedPods(preemptor: Pod, pods: Pod[], needed: Requirements): Pod[] | undefined {
  const may = pods.filter((pod) => mayPreempt(preemptor, pod))
  const [bestEffort, burstable, guaranteed] = (['BestEffort', 'Burstable', 'Guaranteed'] as const).map(
    (qos) => may.filter(({ spec }) => qosClassOf(spec) === qos),
  ) as [Pod[], Pod[], Pod[]]
  if (without(needed, may).size > 0) return undefined
  const fromGuaranteed = nearest(guaranteed, without(needed, [...bestEffort, ...burstable]))
  const fromBurstable = nearest(burstable, without(needed, [...bestEffort, ...fromGuaranteed]))
  const fromBestEffort = nearest(bestEffort, without(needed, [...fromBurstable, ...fromGuaranteed]))
  return [...fromBestEffort, ...fromBurstable, ...fromGuaranteed]
}

/** Upstream: kubelet/types Preemptable. */
function mayPreempt(preemptor: Pod, pod: Pod): boolean {
  return (
    (isCritical(preemptor) && !isCritical(pod)) || (preemptor.spec.priority ?? 0) > (pod.spec.priority ?? 0)
  )
}

/** What is still needed once these pods are gone. */
function without(needed: Requirements, pods: Pod[]): Requirements {
  const left = new Map(needed)
  for (const pod of pods) {
    for (const [resource, amount] of requestsOf(pod)) {
      const before = left.get(resource)
      if (before === undefined) continue
      if (before <= amount) left.delete(resource)
      else left.set(resource, before - amount)
    }
  }
  return left
}

/** Takes the pod that comes closest to what is needed, again and again until enough is freed. */
function nearest(pods: Pod[], needed: Requirements): Pod[] {
  const left = [...pods]
  const chosen: Pod[] = []
  for (let lacking = needed; lacking.size > 0 && left.length > 0;) {
    const [best] = left.toSorted((a, b) => distance(a, lacking) - distance(b, lacking) || compareSize(a, b))
    if (!best) break
    chosen.push(best)
    left.splice(left.indexOf(best), 1)
    lacking = without(lacking, [best])
  }
  return chosen
}

/** Each resource weighs the same, whatever its unit. */
function distance(pod: Pod, needed: Requirements): number {
  const has = new Map(requestsOf(pod))
  return [...needed].reduce((sum, [resource, amount]) => {
    const remaining = Math.max(0, amount - (has.get(resource) ?? 0))
    return sum + (remaining / amount) ** 2
  }, 0)
}

function compareSize(a: Pod, b: Pod): number {
  const [left, right] = [new Map(requestsOf(a)), new Map(requestsOf(b))]
  for (const resource of ['memory', 'cpu']) {
    const difference = (left.get(resource) ?? 0) - (right.get(resource) ?? 0)
    if (difference !== 0) return difference
  }
  return 0
}
