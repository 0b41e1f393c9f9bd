import { findCondition } from '../../api/conditions.ts'
import type { PodDisruptionBudget } from '../../api/generated/policy-v1.ts'
import { nodesText } from '../failure-message.ts'
import { startFilters, type FilterContext } from '../filter-run.ts'
import type { NodeInfo } from '../node-info.ts'
import type { PodInfo } from '../pod-info.ts'
import type { Attempt } from '../schedule-one.ts'
import type { Candidate } from './candidate.ts'
import { pickCandidate } from './pick-candidate.ts'
import { selectVictims } from './select-victims.ts'

/** How many candidates are enough to choose from: a tenth of the nodes, at least this many. */
const minCandidates = 100
const candidateShare = 0.1

export interface PreemptionContext extends FilterContext {
  budgets: readonly PodDisruptionBudget[]
  /** Whether this scheduler has asked for the pod's deletion, though the pod does not show it yet. */
  isBeingEvicted: (info: PodInfo) => boolean
  /** Where among the nodes the search begins; 0 <= x < 1. */
  random: () => number
}

/** Whose room is taken, or why nobody's. */
export interface PreemptionOutcome {
  candidate?: Candidate
  /** Absent with a candidate. */
  message?: string
  /** Whether room made earlier for this pod is given up. */
  clearsNomination: boolean
}

/**
 * Looks for pods of lower priority whose going would let this one be scheduled (upstream: framework/preemption and
 * plugins/defaultpreemption). Changes nothing.
 */
export function findPreemption(
  pod: PodInfo,
  attempt: Attempt,
  context: PreemptionContext,
): PreemptionOutcome {
  const ineligible = ineligibility(pod, attempt, context)
  if (ineligible !== undefined) return { message: ineligible, clearsNomination: false }
  const { nodeCount, rejections } = attempt
  const nodes = context.cluster.nodes().filter(({ name }) => rejections.get(name)?.rejection.isResolvable)
  const { candidates, reasons } = tryNodes(pod, nodes, { ...context, nodeCount })
  const candidate = pickCandidate(candidates)
  if (candidate) return { candidate, clearsNomination: false }
  const hopeless = Array.from<string>({ length: nodeCount - nodes.length })
  const texts = [...reasons, ...hopeless.fill('Preemption is not helpful for scheduling')]
  return { message: nodesText(nodeCount, texts), clearsNomination: true }
}

/** Why the pod may not preempt at all; undefined when it may. */
function ineligibility(
  info: PodInfo,
  { rejections }: Attempt,
  { cluster, nominator, isBeingEvicted }: PreemptionContext,
): string | undefined {
  if (info.pod.spec.preemptionPolicy === 'Never') return 'not eligible due to preemptionPolicy=Never.'
  const nominated = nominator.nodeOf(info.key)
  if (nominated === undefined || rejections.get(nominated)?.rejection.isResolvable === false) return undefined
  const node = cluster.nodes().find(({ name }) => name === nominated)
  for (const other of node?.pods.values() ?? []) {
    if (other.priority >= info.priority) continue
    if (isTerminatingByPreemption(other) || isBeingEvicted(other)) {
      return 'not eligible due to a terminating pod on the nominated node.'
    }
  }
  return undefined
}

function isTerminatingByPreemption({ pod, isTerminating }: PodInfo): boolean {
  const condition = findCondition(pod.status?.conditions, 'DisruptionTarget')
  return isTerminating && condition?.status === 'True' && condition.reason === 'PreemptionByScheduler'
}

/** Tries node after node until there are enough candidates, one of which violates no budget. */
function tryNodes(
  pod: PodInfo,
  nodes: readonly NodeInfo[],
  context: PreemptionContext & { nodeCount: number },
): { candidates: Candidate[]; reasons: string[] } {
  const candidates: Candidate[] = []
  const reasons: string[] = []
  if (nodes.length === 0) return { candidates, reasons }
  const { nodeCount, budgets, random } = context
  const run = startFilters(pod, context)
  const enough = Math.max(Math.floor(nodeCount * candidateShare), minCandidates)
  const offset = Math.floor(random() * nodes.length)
  let harmless = 0
  for (let i = 0; i < nodes.length; i++) {
    const node = nodes[(offset + i) % nodes.length]
    if (!node) break
    const result = selectVictims(pod, node, { run, budgets })
    if ('reasons' in result) {
      reasons.push(...result.reasons)
      continue
    }
    candidates.push(result)
    if (result.violations === 0) harmless += 1
    if (candidates.length >= enough && harmless > 0) break
  }
  return { candidates, reasons }
}
