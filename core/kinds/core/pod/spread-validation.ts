import type { TopologySpreadConstraint } from '../../../api/generated/core-v1.ts'
import type { FieldError } from '../../../api/status.ts'
import { duplicate, invalidValue, notSupported, required } from '../../../api/field-errors.ts'
import { validateLabelSelector } from '../../validation/label-selector.ts'
import { validateLabelKeys } from './label-keys-validation.ts'

const actions = ['DoNotSchedule', 'ScheduleAnyway']
const policies = ['Honor', 'Ignore']
const notPositive = 'must be greater than zero'

/** How pods are spread (upstream: validation.go validateTopologySpreadConstraints). */
export function validateSpreadConstraints(
  constraints: TopologySpreadConstraint[] | undefined,
  path: string,
): FieldError[] {
  const pairs = (constraints ?? []).map(({ topologyKey, whenUnsatisfiable }) =>
    JSON.stringify([topologyKey, whenUnsatisfiable]),
  )
  const last = new Map(pairs.map((pair, at) => [pair, at]))
  return (constraints ?? []).flatMap((constraint, at) => {
    const where = `${path}[${at}]`
    const { maxSkew = 0, topologyKey = '', whenUnsatisfiable = '' } = constraint
    const errors: FieldError[] = []
    if (maxSkew <= 0) errors.push(invalidValue(`${where}.maxSkew`, maxSkew, notPositive))
    if (topologyKey === '') errors.push(required(`${where}.topologyKey`, 'can not be empty'))
    if (!actions.includes(whenUnsatisfiable)) {
      errors.push(notSupported(`${where}.whenUnsatisfiable`, whenUnsatisfiable, actions))
    }
    if (last.get(pairs[at]!) !== at) {
      const pair = `{${topologyKey}, ${whenUnsatisfiable}}`
      errors.push(duplicate(`${where}.{topologyKey, whenUnsatisfiable}`, pair))
    }
    return [...errors, ...validateDomains(constraint, where), ...validateSelection(constraint, where)]
  })
}

function validateDomains(
  { minDomains, whenUnsatisfiable }: TopologySpreadConstraint,
  path: string,
): FieldError[] {
  if (minDomains === undefined) return []
  const where = `${path}.minDomains`
  const errors = minDomains <= 0 ? [invalidValue(where, minDomains, notPositive)] : []
  if (whenUnsatisfiable === 'DoNotSchedule') return errors
  const why = `can only use minDomains if whenUnsatisfiable=DoNotSchedule, not ${whenUnsatisfiable ?? ''}`
  return [...errors, invalidValue(where, minDomains, why)]
}

function validateSelection(constraint: TopologySpreadConstraint, path: string): FieldError[] {
  const errors: FieldError[] = []
  for (const name of ['nodeAffinityPolicy', 'nodeTaintsPolicy'] as const) {
    const policy = constraint[name]
    if (policy === undefined || policies.includes(policy)) continue
    errors.push(notSupported(`${path}.${name}`, policy, policies))
  }
  return [
    ...errors,
    ...validateLabelKeys(constraint, path),
    ...validateLabelSelector(constraint.labelSelector, `${path}.labelSelector`),
  ]
}
