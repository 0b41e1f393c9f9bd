import type { Attempt } from './schedule-one.ts'

function histogram(reasons: Iterable<string>): string {
  const counts = new Map<string, number>()
  for (const reason of reasons) counts.set(reason, (counts.get(reason) ?? 0) + 1)
  return [...counts]
    .map(([reason, count]) => `${count} ${reason}`)
    .sort()
    .join(', ')
}

/** `0/3 nodes are available: 1 …, 2 ….` (upstream: framework.FitError). */
export function nodesText(nodeCount: number, reasons: Iterable<string>): string {
  return `0/${nodeCount} nodes are available: ${histogram(reasons)}.`
}

/** The text of FailedScheduling and of the PodScheduled condition; `preemption` says why making room would not help. */
export function failureMessage(
  { nodeCount, rejections, refusal }: Attempt,
  preemption: string | undefined,
): string {
  if (nodeCount === 0) return 'no nodes available to schedule pods'
  const reasons = [...rejections.values()].flatMap(({ rejection }) => rejection.reasons)
  const text =
    refusal === undefined ? nodesText(nodeCount, reasons) : `0/${nodeCount} nodes are available: ${refusal}.`
  return preemption === undefined ? text : `${text} preemption: ${preemption}`
}
