import type {
  HorizontalPodAutoscaler,
  HorizontalPodAutoscalerStatus,
  MetricStatus,
} from '../../api/generated/autoscaling-v2.ts'
import { setCondition } from '../../api/conditions.ts'
import { rfc3339 } from '../../util/clock.ts'

type ConditionType = 'AbleToScale' | 'ScalingActive' | 'ScalingLimited'

/** The status that one look at an autoscaler comes to, put together step by step. */
export interface StatusDraft {
  readonly value: HorizontalPodAutoscalerStatus
  condition(type: ConditionType, status: 'True' | 'False', why: { reason: string; message: string }): void
  /** What was seen and decided; `rescaled` notes the time. */
  counts(current: number, desired: number, more?: { metrics?: MetricStatus[]; rescaled?: boolean }): void
}

/** A draft that begins with the status as it was. */
export function draftStatus(autoscaler: HorizontalPodAutoscaler, now: number): StatusDraft {
  const value: HorizontalPodAutoscalerStatus = { desiredReplicas: 0, ...autoscaler.status }
  return {
    value,
    condition(type, status, { reason, message }) {
      value.conditions = setCondition(value.conditions, { type, status, reason, message }, rfc3339(now))
    },
    counts(current, desired, { metrics, rescaled } = {}) {
      value.currentReplicas = current
      value.desiredReplicas = desired
      if (metrics) value.currentMetrics = metrics
      else delete value.currentMetrics
      if (rescaled) value.lastScaleTime = rfc3339(now)
    },
  }
}
