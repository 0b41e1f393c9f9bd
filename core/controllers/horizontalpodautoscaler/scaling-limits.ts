import type { HPAScalingRules } from '../../api/generated/autoscaling-v2.ts'
import { changeWithin, type ScalingHistory } from './scaling-history.ts'

/** A replica count with the reason and message of the condition that explains it. */
export interface Limited {
  replicas: number
  reason: string
  message: string
}

/** What limits are worked out from. `desired` is what the metrics ask for. */
export interface LimitInput {
  current: number
  desired: number
  min: number
  max: number
  history: ScalingHistory
  now: number
}

const inRange = { reason: 'DesiredWithinRange', message: 'the desired count is within the acceptable range' }
const tooFast = {
  reason: 'ScaleUpLimit',
  message: 'the desired replica count is increasing faster than the maximum scale rate',
}
const tooMany = {
  reason: 'TooManyReplicas',
  message: 'the desired replica count is more than the maximum replica count',
}
const tooFew = {
  reason: 'TooFewReplicas',
  message: 'the desired replica count is less than the minimum replica count',
}
const tooSlow = {
  reason: 'ScaleDownLimit',
  message: 'the desired replica count is decreasing faster than the maximum scale rate',
}

/** Limits of an autoscaler without `behavior`: at most double, or up to four (upstream: convertDesiredReplicasWithRules). */
export function limitByDefault({ current, desired, min, max }: LimitInput): Limited {
  const rate = Math.max(2 * current, 4)
  if (desired < min) return { replicas: min, ...tooFew }
  if (desired > Math.min(max, rate))
    return max > rate ? { replicas: rate, ...tooFast } : { replicas: max, ...tooMany }
  return { replicas: desired, ...inRange }
}

/** Limits by the policies of `behavior` (upstream: convertDesiredReplicasWithBehaviorRate). */
export function limitByBehavior(
  input: LimitInput,
  behavior: { scaleUp: HPAScalingRules; scaleDown: HPAScalingRules },
): Limited {
  const { current, desired, min, max } = input
  if (desired > current) {
    const rate = Math.max(current, scaleUpRate(input, behavior.scaleUp))
    if (desired > Math.min(max, rate))
      return max > rate ? { replicas: rate, ...tooFast } : { replicas: max, ...tooMany }
  } else if (desired < current) {
    const rate = Math.min(current, scaleDownRate(input, behavior.scaleDown))
    if (desired < Math.max(min, rate))
      return min < rate ? { replicas: rate, ...tooSlow } : { replicas: min, ...tooFew }
  }
  return { replicas: desired, ...inRange }
}

/** The most replicas that the policies let there be now. */
function scaleUpRate(input: LimitInput, rules: HPAScalingRules): number {
  if (rules.selectPolicy === 'Disabled') return input.current
  const proposals = (rules.policies ?? []).map(({ type, value, periodSeconds }) => {
    const start = periodStart(input, periodSeconds)
    return type === 'Pods' ? start + value : Math.ceil(start * (1 + value / 100))
  })
  return rules.selectPolicy === 'Min' ? Math.min(...proposals) : Math.max(0, ...proposals)
}

/** The fewest replicas that the policies let there be now. */
function scaleDownRate(input: LimitInput, rules: HPAScalingRules): number {
  if (rules.selectPolicy === 'Disabled') return input.current
  const proposals = (rules.policies ?? []).map(({ type, value, periodSeconds }) => {
    const start = periodStart(input, periodSeconds)
    return type === 'Pods' ? start - value : Math.trunc(start * (1 - value / 100))
  })
  // The policy that changes most is the one that leaves fewest.
  return rules.selectPolicy === 'Min' ? Math.max(...proposals) : Math.min(...proposals)
}

/** How many replicas there were before the changes of the last period. */
function periodStart({ current, history, now }: LimitInput, periodSeconds: number): number {
  return (
    current - changeWithin(history.ups, periodSeconds, now) + changeWithin(history.downs, periodSeconds, now)
  )
}
