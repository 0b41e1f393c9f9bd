import type { HPAScalingRules, HorizontalPodAutoscaler } from '../../../api/generated/autoscaling-v2.ts'

/** Of the CPU, in percent, where no metric is named. */
export const defaultUtilization = 80

/** Upstream: pkg/apis/autoscaling/v2/defaults.go. */
export function defaultAutoscaler({ spec }: HorizontalPodAutoscaler): void {
  spec.minReplicas ??= 1
  if (!spec.metrics?.length) {
    const target = { type: 'Utilization', averageUtilization: defaultUtilization }
    spec.metrics = [{ type: 'Resource', resource: { name: 'cpu', target } }]
  }
  const { behavior } = spec
  if (!behavior) return
  // Either direction has its rules as soon as anything is said about behaviour.
  behavior.scaleUp = { ...scaleUpRules(), ...withoutEmptyPolicies(behavior.scaleUp) }
  behavior.scaleDown = { ...scaleDownRules(), ...withoutEmptyPolicies(behavior.scaleDown) }
}

function scaleUpRules(): HPAScalingRules {
  return {
    stabilizationWindowSeconds: 0,
    selectPolicy: 'Max',
    policies: [
      { type: 'Pods', value: 4, periodSeconds: 15 },
      { type: 'Percent', value: 100, periodSeconds: 15 },
    ],
  }
}

function scaleDownRules(): HPAScalingRules {
  return { selectPolicy: 'Max', policies: [{ type: 'Percent', value: 100, periodSeconds: 15 }] }
}

/** Rules in which an empty list of policies counts as none given. */
function withoutEmptyPolicies(rules: HPAScalingRules | undefined): HPAScalingRules {
  const { policies, ...rest } = rules ?? {}
  return policies?.length ? { ...rest, policies } : rest
}
