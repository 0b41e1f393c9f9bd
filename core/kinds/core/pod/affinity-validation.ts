import type {
  Affinity,
  NodeAffinity,
  PodAffinity,
  PodAffinityTerm,
  PodAntiAffinity,
} from '../../../api/generated/core-v1.ts'
import type { FieldError } from '../../../api/status.ts'
import { invalidFor, invalidValue, required } from '../../../api/field-errors.ts'
import { checkDns1123Label, checkQualifiedName } from '../../validation/formats.ts'
import { validateLabelSelector } from '../../validation/label-selector.ts'
import { validateLabelKeys } from './label-keys-validation.ts'
import { validateNodeSelector, validateNodeTerm } from './node-selector-validation.ts'

/** Node and pod affinity (upstream: validation.go validateAffinity). */
export function validateAffinity(affinity: Affinity | undefined, path: string): FieldError[] {
  const { nodeAffinity, podAffinity, podAntiAffinity } = affinity ?? {}
  return [
    ...validateNodeAffinity(nodeAffinity, `${path}.nodeAffinity`),
    ...validatePodAffinity(podAffinity, `${path}.podAffinity`),
    ...validatePodAffinity(podAntiAffinity, `${path}.podAntiAffinity`),
  ]
}

function validateNodeAffinity(affinity: NodeAffinity | undefined, path: string): FieldError[] {
  const must = affinity?.requiredDuringSchedulingIgnoredDuringExecution
  const may = affinity?.preferredDuringSchedulingIgnoredDuringExecution ?? []
  const where = `${path}.preferredDuringSchedulingIgnoredDuringExecution`
  return [
    ...(must ? validateNodeSelector(must, `${path}.requiredDuringSchedulingIgnoredDuringExecution`) : []),
    ...may.flatMap(({ weight, preference }, at) => [
      ...validateWeight(weight, `${where}[${at}].weight`),
      ...validateNodeTerm(preference, `${where}[${at}].preference`, true),
    ]),
  ]
}

function validatePodAffinity(
  affinity: PodAffinity | PodAntiAffinity | undefined,
  path: string,
): FieldError[] {
  const must = affinity?.requiredDuringSchedulingIgnoredDuringExecution ?? []
  const may = affinity?.preferredDuringSchedulingIgnoredDuringExecution ?? []
  const where = `${path}.preferredDuringSchedulingIgnoredDuringExecution`
  return [
    ...must.flatMap((term, at) =>
      validatePodTerm(term, `${path}.requiredDuringSchedulingIgnoredDuringExecution[${at}]`),
    ),
    ...may.flatMap(({ weight, podAffinityTerm }, at) => [
      ...validateWeight(weight, `${where}[${at}].weight`),
      ...validatePodTerm(podAffinityTerm, `${where}[${at}].podAffinityTerm`),
    ]),
  ]
}

function validateWeight(weight: number | undefined, path: string): FieldError[] {
  const fits = weight !== undefined && weight >= 1 && weight <= 100
  return fits ? [] : [invalidValue(path, weight ?? 0, 'must be in the range 1-100')]
}

/** Which pods to be near to, or not (upstream: validatePodAffinityTerm). */
function validatePodTerm(term: Partial<PodAffinityTerm> | undefined, path: string): FieldError[] {
  const { labelSelector, namespaceSelector, namespaces = [], topologyKey = '' } = term ?? {}
  const errors = [
    ...validateLabelSelector(labelSelector, `${path}.labelSelector`),
    ...validateLabelSelector(namespaceSelector, `${path}.namespaceSelector`),
    ...namespaces.flatMap((name) => invalidFor(`${path}.namespace`, name, checkDns1123Label(name))),
    ...validateLabelKeys(term ?? {}, path),
  ]
  const where = `${path}.topologyKey`
  if (topologyKey === '') errors.push(required(where, 'can not be empty'))
  return [...errors, ...invalidFor(where, topologyKey, checkQualifiedName(topologyKey))]
}
