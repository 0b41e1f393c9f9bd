import type {
  HPAScalingPolicy,
  HPAScalingRules,
  HorizontalPodAutoscalerSpec,
} from '../../../api/generated/autoscaling-v2.ts'
import type { FieldError } from '../../../api/status.ts'
import { validateQuantity } from '../../core/pod/resources-validation.ts'
import { forbiddenField, invalidValue, notSupported, required } from '../../../api/field-errors.ts'
import { validateMetric } from './metrics-validation.ts'
import { referenceRules, validateTargetReference } from './target-reference.ts'

const maxPeriodSeconds = 1800
const maxWindowSeconds = 3600
const selectPolicies = ['Disabled', 'Max', 'Min']
const policyTypes = ['Percent', 'Pods']

/** Upstream: pkg/apis/autoscaling/validation validateHorizontalPodAutoscalerSpec. */
export function validateAutoscalerSpec(
  spec: HorizontalPodAutoscalerSpec,
  old: HorizontalPodAutoscalerSpec | undefined,
  path: string,
): FieldError[] {
  const { minReplicas, maxReplicas = 0, metrics = [], behavior } = spec
  const errors: FieldError[] = []
  if (minReplicas !== undefined && minReplicas < 0) {
    errors.push(invalidValue(`${path}.minReplicas`, minReplicas, 'must be greater than or equal to 0'))
  }
  if (maxReplicas === 0) errors.push(required(`${path}.maxReplicas`, 'must be set and greater than 0'))
  else if (maxReplicas < 0) {
    errors.push(invalidValue(`${path}.maxReplicas`, maxReplicas, 'must be greater than or equal to 1'))
  }
  if (minReplicas !== undefined && maxReplicas < minReplicas) {
    const why = 'must be greater than or equal to `minReplicas`'
    errors.push(invalidValue(`${path}.maxReplicas`, maxReplicas, why))
  }
  const rules = referenceRules(spec, old)
  errors.push(...validateTargetReference(spec.scaleTargetRef, `${path}.scaleTargetRef`, rules.target))
  errors.push(
    ...metrics.flatMap((metric, at) => validateMetric(metric, `${path}.metrics[${at}]`, rules.metrics)),
  )
  // Whatever is measured of the pods themselves says nothing once there are none.
  if (minReplicas === 0 && !metrics.some(({ type }) => type === 'Object' || type === 'External')) {
    const why = 'must specify at least one Object or External metric to support scaling to zero replicas'
    errors.push(forbiddenField(`${path}.metrics`, why))
  }
  errors.push(...validateRules(behavior?.scaleUp, `${path}.behavior.scaleUp`))
  errors.push(...validateRules(behavior?.scaleDown, `${path}.behavior.scaleDown`))
  return errors
}

function validateRules(rules: HPAScalingRules | undefined, path: string): FieldError[] {
  if (!rules) return []
  const { stabilizationWindowSeconds: window, selectPolicy, policies = [] } = rules
  const errors: FieldError[] = []
  const windowPath = `${path}.stabilizationWindowSeconds`
  if (window !== undefined && window < 0) {
    errors.push(invalidValue(windowPath, window, 'must be greater than or equal to zero'))
  }
  if (window !== undefined && window > maxWindowSeconds) {
    errors.push(invalidValue(windowPath, window, `must be less than or equal to ${maxWindowSeconds}`))
  }
  if (selectPolicy !== undefined && !selectPolicies.includes(selectPolicy)) {
    errors.push(notSupported(`${path}.selectPolicy`, selectPolicy, selectPolicies))
  }
  if (policies.length === 0) errors.push(required(`${path}.policies`, 'must specify at least one Policy'))
  errors.push(...policies.flatMap((policy, at) => validatePolicy(policy, `${path}.policies[${at}]`)))
  if (rules.tolerance === undefined) return errors
  return [...errors, ...validateQuantity(rules.tolerance, `${path}.tolerance`)]
}

function validatePolicy(
  { type, value, periodSeconds: period }: HPAScalingPolicy,
  path: string,
): FieldError[] {
  const errors: FieldError[] = []
  if (!policyTypes.includes(type)) errors.push(notSupported(`${path}.type`, type, policyTypes))
  if (value <= 0) errors.push(invalidValue(`${path}.value`, value, 'must be greater than zero'))
  if (period <= 0) errors.push(invalidValue(`${path}.periodSeconds`, period, 'must be greater than zero'))
  if (period > maxPeriodSeconds) {
    errors.push(
      invalidValue(`${path}.periodSeconds`, period, `must be less than or equal to ${maxPeriodSeconds}`),
    )
  }
  return errors
}
