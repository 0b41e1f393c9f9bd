import type { Pod } from '../api/generated/core-v1.ts'
import type { Attempt } from './schedule-one.ts'

function histogram(reasons: Iterable<string>): string {
  const counts = new Map<string, number>()
  for (const reason of reasons) counts.set(reason, (counts.get(reason) ?? 0) + 1)
  return [...counts]
    .map(([reason, count]) => `${count} ${reason}`)
    .sort()
    .join(', ')
}

/** The text of FailedScheduling and of the PodScheduled condition (upstream: framework.FitError). */
export function failureMessage(pod: Pod, { nodeCount, rejections }: Attempt): string {
  if (nodeCount === 0) return 'no nodes available to schedule pods'
  const head = `0/${nodeCount} nodes are available:`
  const all = [...rejections.values()]
  const reasons = histogram(all.flatMap(({ rejection }) => rejection.reasons))
  return `${head} ${reasons}. preemption: ${preemptionMessage(pod, head, all)}`
}

function preemptionMessage(
  pod: Pod,
  head: string,
  rejections: { rejection: { isResolvable: boolean } }[],
): string {
  if (pod.spec.preemptionPolicy === 'Never') return 'not eligible due to preemptionPolicy=Never.'
  const texts = rejections.map(({ rejection }) =>
    rejection.isResolvable
      ? 'No preemption victims found for incoming pod'
      : 'Preemption is not helpful for scheduling',
  )
  return `${head} ${histogram(texts)}.`
}
