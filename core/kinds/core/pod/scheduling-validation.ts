import type {
  Affinity,
  NodeSelectorTerm,
  PodAffinityTerm,
  Toleration,
  TopologySpreadConstraint,
} from '../../../api/generated/core-v1.ts'
import type { FieldError } from '../../../api/status.ts'
import {
  forbiddenField,
  invalidFor,
  invalidValue,
  notSupported,
  required,
} from '../../validation/field-errors.ts'
import { checkLabelValue, checkQualifiedName } from '../../validation/formats.ts'
import { validateLabelSelector } from '../../validation/label-selector.ts'

const effects = ['NoSchedule', 'PreferNoSchedule', 'NoExecute']

/** Tolerations (upstream: pkg/apis/core/validation/validation.go ValidateTolerations). */
export function validateTolerations(tolerations: Toleration[] | undefined, path: string): FieldError[] {
  return (tolerations ?? []).flatMap((toleration, at) => {
    const where = `${path}[${at}]`
    const { key, operator = '', effect, value, tolerationSeconds } = toleration
    const errors = key ? invalidFor(`${where}.key`, key, checkQualifiedName(key)) : []
    if (!key && operator !== 'Exists') {
      const why = 'operator must be Exists when `key` is empty, which means "match all values and all keys"'
      errors.push(invalidValue(`${where}.operator`, operator, why))
    }
    if (tolerationSeconds !== undefined && effect !== 'NoExecute') {
      const why = "effect must be 'NoExecute' when `tolerationSeconds` is set"
      errors.push(invalidValue(`${where}.effect`, effect ?? '', why))
    }
    if (operator === '' || operator === 'Equal') {
      errors.push(...invalidFor(`${where}.operator`, value ?? '', checkLabelValue(value ?? '')))
    } else if (operator === 'Exists') {
      if (value) {
        errors.push(
          invalidValue(`${where}.operator`, value, "value must be empty when `operator` is 'Exists'"),
        )
      }
    } else {
      errors.push(notSupported(`${where}.operator`, operator, ['Equal', 'Exists']))
    }
    if (effect && !effects.includes(effect)) errors.push(notSupported(`${where}.effect`, effect, effects))
    return errors
  })
}

/** Node and pod affinity (upstream: validation.go validateAffinity). */
export function validateAffinity(affinity: Affinity | undefined, path: string): FieldError[] {
  const errors: FieldError[] = []
  const { nodeAffinity, podAffinity, podAntiAffinity } = affinity ?? {}
  const hard = nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution
  if (hard) {
    const where = `${path}.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms`
    const terms = hard.nodeSelectorTerms ?? []
    if (terms.length === 0) errors.push(required(where, 'must have at least one node selector term'))
    for (const [at, term] of terms.entries()) errors.push(...validateNodeTerm(term, `${where}[${at}]`))
  }
  const soft = nodeAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? []
  for (const [at, { weight, preference }] of soft.entries()) {
    const where = `${path}.nodeAffinity.preferredDuringSchedulingIgnoredDuringExecution[${at}]`
    errors.push(...validateWeight(weight, `${where}.weight`))
    errors.push(...validateNodeTerm(preference, `${where}.preference`))
  }
  for (const [name, part] of [
    ['podAffinity', podAffinity],
    ['podAntiAffinity', podAntiAffinity],
  ] as const) {
    const must = part?.requiredDuringSchedulingIgnoredDuringExecution ?? []
    for (const [at, term] of must.entries()) {
      const where = `${path}.${name}.requiredDuringSchedulingIgnoredDuringExecution[${at}]`
      errors.push(...validatePodTerm(term, where))
    }
    const may = part?.preferredDuringSchedulingIgnoredDuringExecution ?? []
    for (const [at, { weight, podAffinityTerm }] of may.entries()) {
      const where = `${path}.${name}.preferredDuringSchedulingIgnoredDuringExecution[${at}]`
      errors.push(...validateWeight(weight, `${where}.weight`))
      errors.push(...validatePodTerm(podAffinityTerm, `${where}.podAffinityTerm`))
    }
  }
  return errors
}

/** Spreading rules (upstream: validation.go validateTopologySpreadConstraints). */
export function validateSpreadConstraints(
  constraints: TopologySpreadConstraint[] | undefined,
  path: string,
): FieldError[] {
  return (constraints ?? []).flatMap((constraint, at) => {
    const where = `${path}[${at}]`
    const { maxSkew = 0, topologyKey, whenUnsatisfiable, minDomains, labelSelector } = constraint
    const errors: FieldError[] = []
    if (maxSkew <= 0) errors.push(invalidValue(`${where}.maxSkew`, maxSkew, 'must be greater than zero'))
    if (!topologyKey) errors.push(required(`${where}.topologyKey`, 'can not be empty'))
    const actions = ['DoNotSchedule', 'ScheduleAnyway']
    if (!actions.includes(whenUnsatisfiable)) {
      errors.push(notSupported(`${where}.whenUnsatisfiable`, whenUnsatisfiable ?? '', actions))
    }
    if (minDomains !== undefined && minDomains <= 0) {
      errors.push(invalidValue(`${where}.minDomains`, minDomains, 'must be greater than zero'))
    }
    return [...errors, ...validateLabelSelector(labelSelector, `${where}.labelSelector`)]
  })
}

function validateWeight(weight: number | undefined, path: string): FieldError[] {
  const ok = weight !== undefined && weight >= 1 && weight <= 100
  return ok ? [] : [invalidValue(path, weight ?? 0, 'must be in the range 1-100')]
}

/** One alternative of a node selector: requirements on a node's labels. */
export function validateNodeTerm(term: NodeSelectorTerm | undefined, path: string): FieldError[] {
  return (term?.matchExpressions ?? []).flatMap(({ key, operator, values = [] }, at) => {
    const where = `${path}.matchExpressions[${at}]`
    const errors: FieldError[] = []
    if (operator === 'In' || operator === 'NotIn') {
      if (values.length === 0) {
        errors.push(required(`${where}.values`, "must be specified when `operator` is 'In' or 'NotIn'"))
      }
    } else if (operator === 'Exists' || operator === 'DoesNotExist') {
      if (values.length > 0) {
        const why = "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"
        errors.push(forbiddenField(`${where}.values`, why))
      }
    } else if (operator === 'Gt' || operator === 'Lt') {
      if (values.length !== 1) {
        errors.push(
          required(`${where}.values`, "must be specified single value when `operator` is 'Lt' or 'Gt'"),
        )
      }
    } else {
      errors.push(invalidValue(`${where}.operator`, operator, 'not a valid selector operator'))
    }
    return [...errors, ...invalidFor(`${where}.key`, key, checkQualifiedName(key ?? ''))]
  })
}

function validatePodTerm(term: PodAffinityTerm | undefined, path: string): FieldError[] {
  const errors = [
    ...validateLabelSelector(term?.labelSelector, `${path}.labelSelector`),
    ...validateLabelSelector(term?.namespaceSelector, `${path}.namespaceSelector`),
  ]
  if (!term?.topologyKey) errors.push(required(`${path}.topologyKey`, 'can not be empty'))
  else {
    errors.push(...invalidFor(`${path}.topologyKey`, term.topologyKey, checkQualifiedName(term.topologyKey)))
  }
  return errors
}
