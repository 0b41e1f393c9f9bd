import type { Pod } from '../../api/generated/core-v1.ts'
import { isPodReady } from '../kit/pod-state.ts'
import { groupPods } from './group-pods.ts'
import type { PodMetricsByName } from './metrics-client.ts'
import type { AutoscalerTuning } from './options.ts'
import { averageRatio, isWithin, podRequests, utilizationRatio, type Tolerances } from './usage-ratio.ts'

/** What all calculations for one autoscaler start from. */
export interface CalculatorInput {
  /** The target's `spec.replicas`. */
  currentReplicas: number
  /** The target's pods. */
  pods: Pod[]
  tolerances: Tolerances
  tuning: AutoscalerTuning
  now: number
}

/** How many replicas a metric asks for, and what was measured (in thousandths; `percent` where there is one). */
export interface Proposal {
  replicas: number
  average: number
  percent?: number
}

const noPods = 'no pods returned by selector while calculating replica count'
const noMetrics = 'did not receive metrics for targeted pods (pods might be unready)'

/** Replicas for a target in percent of what pods request (upstream: GetResourceReplicas). */
export function utilizationReplicas(
  input: CalculatorInput,
  metrics: PodMetricsByName,
  target: { percent: number; resource: string; container?: string },
): Proposal {
  const { percent: wanted, resource, container } = target
  requirePods(input.pods)
  let requests: Map<string, number> | undefined
  let first: ReturnType<typeof utilizationRatio> | undefined
  const replicas = rebalanced(input, metrics, {
    resource,
    ratioOf(known) {
      requests ??= podRequests(input.pods, resource, container)
      const found = utilizationRatio(known, requests, wanted)
      first ??= found
      return found.ratio
    },
    fallback: (name) => ((requests?.get(name) ?? 0) * Math.max(100, wanted)) / 100,
  })
  return { replicas, percent: first!.percent, average: first!.average }
}

/** Replicas for an average amount per pod, in thousandths (upstream: calcPlainMetricReplicas). */
export function averageReplicas(
  input: CalculatorInput,
  metrics: PodMetricsByName,
  target: { value: number; resource?: string },
): Proposal {
  requirePods(input.pods)
  let first: number | undefined
  const replicas = rebalanced(input, metrics, {
    resource: target.resource,
    ratioOf(known) {
      const { ratio, average } = averageRatio(known, target.value)
      first ??= average
      return ratio
    },
    fallback: () => target.value,
  })
  return { replicas, average: first! }
}

/** Replicas for one value of an object or from outside, against a target; both in thousandths. */
export function valueReplicas(input: CalculatorInput, value: number, target: number): Proposal {
  const ratio = value / target
  const { currentReplicas, tolerances } = input
  if (currentReplicas === 0) return { replicas: Math.ceil(ratio), average: value }
  if (isWithin(tolerances, ratio)) return { replicas: currentReplicas, average: value }
  if (input.pods.length === 0) throw new Error(`unable to calculate ready pods: ${noPods}`)
  const ready = input.pods.filter((pod) => pod.status?.phase === 'Running' && isPodReady(pod)).length
  return { replicas: Math.ceil(ratio * ready), average: value }
}

/** Replicas for one value that is to be shared out, against a target per pod; both in thousandths. */
export function perPodReplicas(
  input: Pick<CalculatorInput, 'tolerances'>,
  value: number,
  { target, statusReplicas }: { target: number; statusReplicas: number },
): Proposal {
  const ratio = value / (target * statusReplicas)
  const replicas = isWithin(input.tolerances, ratio) ? statusReplicas : Math.ceil(value / target)
  return { replicas, average: statusReplicas === 0 ? 0 : Math.ceil(value / statusReplicas) }
}

interface Rebalancing {
  resource: string | undefined
  /** Usage over target; asked once or twice. */
  ratioOf(metrics: PodMetricsByName): number
  /** What a pod without metrics counts as where scaling down is at stake. */
  fallback(name: string): number
}

/**
 * The replica count that a ratio asks for, with pods that are not ready or not measured counted so that they damp the
 * change and never turn it round.
 */
function rebalanced(input: CalculatorInput, measured: PodMetricsByName, rules: Rebalancing): number {
  const { currentReplicas, tolerances, tuning, now } = input
  const metrics = new Map(measured)
  const groups = groupPods(input.pods, metrics, rules.resource, { now, ...tuning })
  for (const name of [...groups.ignored, ...groups.unready]) metrics.delete(name)
  if (metrics.size === 0) throw new Error(noMetrics)
  const ratio = rules.ratioOf(metrics)
  const countsUnready = groups.unready.size > 0 && ratio > 1
  if (!countsUnready && groups.missing.size === 0) {
    return isWithin(tolerances, ratio) ? currentReplicas : Math.ceil(ratio * groups.ready)
  }
  const assumed = (value: number): { timestamp: number; windowMs: number; value: number } => ({
    timestamp: now,
    windowMs: 0,
    value,
  })
  if (ratio !== 1) {
    for (const name of groups.missing) metrics.set(name, assumed(ratio < 1 ? rules.fallback(name) : 0))
  }
  if (countsUnready) for (const name of groups.unready) metrics.set(name, assumed(0))
  const damped = rules.ratioOf(metrics)
  const turnsRound = (ratio < 1 && damped > 1) || (ratio > 1 && damped < 1)
  if (isWithin(tolerances, damped) || turnsRound) return currentReplicas
  const replicas = Math.ceil(damped * metrics.size)
  const isAgainst = (damped < 1 && replicas > currentReplicas) || (damped > 1 && replicas < currentReplicas)
  return isAgainst ? currentReplicas : replicas
}

function requirePods(pods: Pod[]): void {
  if (pods.length === 0) throw new Error(noPods)
}
