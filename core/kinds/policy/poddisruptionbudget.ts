import type { PodDisruptionBudget, PodDisruptionBudgetSpec } from '../../api/generated/policy-v1.ts'
import { pathSegmentProblems } from '../../api/names.ts'
import type { FieldError } from '../../api/status.ts'
import { selectorValues } from '../validation/tolerated.ts'
import { defineKind } from '../../registry/kind.ts'
import { ageColumn, nameColumn } from '../columns.ts'
import { validateNonNegative } from '../core/pod/handler-validation.ts'
import { validateConditions } from '../validation/conditions.ts'
import { invalidValue, notSupported } from '../../api/field-errors.ts'
import { validateAtMost100Percent, validateIntOrPercent } from '../validation/int-or-percent.ts'
import { validateLabelSelector } from '../validation/label-selector.ts'

const evictionPolicies = ['AlwaysAllow', 'IfHealthyBudget']
const none = 'N/A'

export const podDisruptionBudget = defineKind<PodDisruptionBudget>({
  group: 'policy',
  version: 'v1',
  kind: 'PodDisruptionBudget',
  namespaced: true,
  names: { plural: 'poddisruptionbudgets', singular: 'poddisruptionbudget', short: ['pdb'] },
  schema: 'io.k8s.api.policy.v1.PodDisruptionBudget',
  toleratedWhenStored: [selectorValues],
  requiresResourceVersion: true,
  validateName: pathSegmentProblems,
  columns: [
    nameColumn(),
    { name: 'Min Available', type: 'string', value: ({ spec }) => String(spec.minAvailable ?? none) },
    { name: 'Max Unavailable', type: 'string', value: ({ spec }) => String(spec.maxUnavailable ?? none) },
    { name: 'Allowed Disruptions', type: 'integer', value: ({ status }) => status?.disruptionsAllowed ?? 0 },
    ageColumn(),
  ],
  default(object) {
    object.spec ??= {}
  },
  validate({ spec }) {
    const { minAvailable, maxUnavailable, unhealthyPodEvictionPolicy: policy } = spec
    const errors: FieldError[] = []
    if (minAvailable !== undefined && maxUnavailable !== undefined) {
      errors.push(invalidValue('spec', shownSpec(spec), 'minAvailable and maxUnavailable cannot be both set'))
    }
    for (const name of ['minAvailable', 'maxUnavailable'] as const) {
      errors.push(...validateIntOrPercent(spec[name], `spec.${name}`))
      errors.push(...validateAtMost100Percent(spec[name], `spec.${name}`))
    }
    errors.push(...validateLabelSelector(spec.selector, 'spec.selector'))
    if (policy !== undefined && !evictionPolicies.includes(policy)) {
      errors.push(notSupported('spec.unhealthyPodEvictionPolicy', policy, evictionPolicies))
    }
    return errors
  },
  status: {
    validateUpdate: ({ status }) => [
      ...validateConditions(status?.conditions ?? [], 'status.conditions'),
      ...(['disruptionsAllowed', 'currentHealthy', 'desiredHealthy', 'expectedPods'] as const).flatMap(
        (name) => validateNonNegative(status?.[name], `status.${name}`),
      ),
    ],
  },
})

/** A spec as upstream's Go struct. */
function shownSpec(spec: PodDisruptionBudgetSpec): object {
  return {
    MinAvailable: spec.minAvailable ?? null,
    Selector: spec.selector ?? null,
    MaxUnavailable: spec.maxUnavailable ?? null,
    UnhealthyPodEvictionPolicy: spec.unhealthyPodEvictionPolicy ?? null,
  }
}
