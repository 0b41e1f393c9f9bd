import type {
  PersistentVolumeClaim,
  Pod,
  PodAffinityTerm,
  ResourceQuotaSpec,
  ScopedResourceSelectorRequirement,
} from '../generated/core-v1.ts'
import { qosClassOf } from '../qos-class.ts'
import { matchesRequirements, requirementsOf } from '../selectors.ts'

/** What a quota's scopes and its scope selector ask for together. */
export function scopesOf(spec: ResourceQuotaSpec): ScopedResourceSelectorRequirement[] {
  const plain = (spec.scopes ?? []).map((scopeName) => ({ scopeName, operator: 'Exists' }))
  return [...plain, ...(spec.scopeSelector?.matchExpressions ?? [])]
}

/** Whether a pod is within a scope (upstream: pkg/quota/v1/evaluator/core podMatchesScopeFunc). */
export function podMatchesScope(scope: ScopedResourceSelectorRequirement, pod: Pod): boolean {
  const { spec } = pod
  switch (scope.scopeName) {
    case 'Terminating':
      return isTerminating(pod)
    case 'NotTerminating':
      return !isTerminating(pod)
    case 'BestEffort':
      return isBestEffort(pod)
    case 'NotBestEffort':
      return !isBestEffort(pod)
    case 'PriorityClass':
      return isSelected(scope, spec.priorityClassName ? [spec.priorityClassName] : [])
    case 'CrossNamespacePodAffinity':
      return reachesOtherNamespaces(pod)
    default:
      return false
  }
}

/** Whether a claim is within a scope (upstream: pvcMatchesScopeFunc). */
export function claimMatchesScope(
  scope: ScopedResourceSelectorRequirement,
  { spec, status }: PersistentVolumeClaim,
): boolean {
  if (scope.scopeName !== 'VolumeAttributesClass') return false
  const classes = [
    spec.volumeAttributesClassName,
    status?.currentVolumeAttributesClassName,
    status?.modifyVolumeStatus?.targetVolumeAttributesClassName,
  ]
  return isSelected(
    scope,
    classes.filter((name): name is string => Boolean(name)),
  )
}

function isSelected(
  { scopeName, operator, values }: ScopedResourceSelectorRequirement,
  names: string[],
): boolean {
  if (operator === 'Exists') return names.length > 0
  const expression = { key: scopeName, operator, ...(values && { values }) }
  const requirements = requirementsOf({ matchExpressions: [expression] })
  if (names.length === 0) return matchesRequirements(requirements, {})
  return names.some((name) => matchesRequirements(requirements, { [scopeName]: name }))
}

function isTerminating({ spec }: Pod): boolean {
  return spec.activeDeadlineSeconds !== undefined && spec.activeDeadlineSeconds >= 0
}

function isBestEffort({ spec, status }: Pod): boolean {
  return (status?.qosClass ?? qosClassOf(spec)) === 'BestEffort'
}

function reachesOtherNamespaces({ spec: { affinity } }: Pod): boolean {
  return [affinity?.podAffinity, affinity?.podAntiAffinity].some((one) => {
    const preferred = (one?.preferredDuringSchedulingIgnoredDuringExecution ?? []).map(
      ({ podAffinityTerm }) => podAffinityTerm,
    )
    return [...(one?.requiredDuringSchedulingIgnoredDuringExecution ?? []), ...preferred].some(
      isCrossNamespace,
    )
  })
}

function isCrossNamespace({ namespaces, namespaceSelector }: PodAffinityTerm): boolean {
  return (namespaces ?? []).length > 0 || namespaceSelector !== undefined
}
