import type { Pod } from '../../api/generated/core-v1.ts'
import { findCondition } from '../../api/conditions.ts'
import type { PodMetricsByName } from './metrics-client.ts'

/** Names of pods, by what can be said about them. */
export interface PodGroups {
  /** How many count with their metrics. */
  ready: number
  /** Not ready yet: on a scale-up they count as using nothing. */
  unready: Set<string>
  /** Without metrics: they count as what speaks against a change. */
  missing: Set<string>
  /** Ended or ending: they do not count at all. */
  ignored: Set<string>
}

interface Periods {
  now: number
  cpuInitializationPeriodMs: number
  initialReadinessDelayMs: number
}

/** Sorts pods by whether their metrics can be believed (upstream: replica_calculator.go groupPods). */
export function groupPods(
  pods: Pod[],
  metrics: PodMetricsByName,
  resource: string | undefined,
  periods: Periods,
): PodGroups {
  const groups: PodGroups = { ready: 0, unready: new Set(), missing: new Set(), ignored: new Set() }
  for (const pod of pods) {
    const { name, deletionTimestamp } = pod.metadata
    const metric = metrics.get(name)
    if (deletionTimestamp || pod.status?.phase === 'Failed') groups.ignored.add(name)
    else if (pod.status?.phase === 'Pending') groups.unready.add(name)
    else if (!metric) groups.missing.add(name)
    else if (resource === 'cpu' && isUnready(pod, metric, periods)) groups.unready.add(name)
    else groups.ready++
  }
  return groups
}

/** Whether what a pod's CPU shows is only its start. */
function isUnready(pod: Pod, metric: { timestamp: number; windowMs: number }, periods: Periods): boolean {
  const condition = findCondition(pod.status?.conditions, 'Ready')
  const startedAt = Date.parse(pod.status?.startTime ?? '')
  if (!condition || Number.isNaN(startedAt)) return true
  const changedAt = Date.parse(condition.lastTransitionTime ?? '')
  const isNotReady = condition.status === 'False'
  if (startedAt + periods.cpuInitializationPeriodMs > periods.now) {
    return isNotReady || metric.timestamp < changedAt + metric.windowMs
  }
  return isNotReady && startedAt + periods.initialReadinessDelayMs > changedAt
}
