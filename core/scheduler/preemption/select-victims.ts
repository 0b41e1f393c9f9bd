import type { PodDisruptionBudget } from '../../api/generated/policy-v1.ts'
import type { FilterRun } from '../filter-run.ts'
import type { NodeInfo } from '../node-info.ts'
import type { PodInfo } from '../pod-info.ts'
import { byImportance, type Candidate } from './candidate.ts'
import { violatingPods } from './disruption-budgets.ts'

/**
 * The fewest pods of lower priority whose going lets the pod onto this node, or the reasons why even all would not do
 * (upstream: DefaultPreemption.SelectVictimsOnNode). All are taken away first, then as many as fit are let stay: those
 * that a budget protects first, and of each the most important first. Node and filters are as before when it returns.
 */
export function selectVictims(
  pod: PodInfo,
  node: NodeInfo,
  { run, budgets }: { run: FilterRun; budgets: readonly PodDisruptionBudget[] },
): Candidate | { reasons: string[] } {
  const lower = [...node.pods.values()].filter(({ priority }) => priority < pod.priority).sort(byImportance)
  if (lower.length === 0) return { reasons: ['No preemption victims found for incoming pod'] }
  const gone = new Set<PodInfo>()
  try {
    for (const info of lower) {
      run.removePod(info, node)
      gone.add(info)
    }
    const rejected = run.rejection(node)
    if (rejected) return { reasons: rejected.rejection.reasons }
    const violating = violatingPods(lower, budgets)
    const isProtected = (info: PodInfo): boolean => violating.has(info)
    for (const info of [...lower.filter(isProtected), ...lower.filter((other) => !isProtected(other))]) {
      run.addPod(info, node)
      if (run.rejection(node)) run.removePod(info, node)
      else gone.delete(info)
    }
    const victims = lower.filter((info) => gone.has(info))
    if (victims.length === 0) return { reasons: ['No preemption victims found for incoming pod'] }
    return { node, victims, violations: victims.filter(isProtected).length }
  } finally {
    for (const info of gone) run.addPod(info, node)
  }
}
