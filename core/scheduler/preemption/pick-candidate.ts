import { startTime, type Candidate } from './candidate.ts'

/** Makes sums of negative priorities compare by their number too, as upstream does. */
const priorityOffset = 2 ** 31

/** What is compared, the first difference decides; less is better. */
function costs({ victims, violations }: Candidate): number[] {
  const highest = Math.max(...victims.map(({ priority }) => priority))
  const total = victims.reduce((sum, { priority }) => sum + priority + priorityOffset, 0)
  const longest = Math.min(...victims.filter(({ priority }) => priority === highest).map(startTime))
  return [violations, highest, total, victims.length, -longest]
}

/**
 * The candidate that does least harm: fewest budgets violated, then the lowest highest priority, the lowest sum, the fewest
 * victims, and the most important ones started latest (upstream: preemption.pickOneNodeForPreemption).
 */
export function pickCandidate(candidates: readonly Candidate[]): Candidate | undefined {
  let best: { candidate: Candidate; costs: number[] } | undefined
  for (const candidate of candidates) {
    const own = costs(candidate)
    if (!best || isLess(own, best.costs)) best = { candidate, costs: own }
  }
  return best?.candidate
}

function isLess(a: readonly number[], b: readonly number[]): boolean {
  for (const [index, cost] of a.entries()) {
    const other = b[index] ?? 0
    if (cost !== other) return cost < other
  }
  return false
}
