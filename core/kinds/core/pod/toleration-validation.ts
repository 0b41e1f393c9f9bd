import type { Toleration } from '../../../api/generated/core-v1.ts'
import type { FieldError } from '../../../api/status.ts'
import { invalidFor, invalidValue, notSupported, required } from '../../../api/field-errors.ts'
import { checkLabelValue, checkQualifiedName } from '../../validation/formats.ts'

const effects = ['NoSchedule', 'PreferNoSchedule', 'NoExecute']

/** What a taint does to pods (upstream: validation.go validateTaintEffect). */
export function validateTaintEffect(effect: string | undefined, path: string): FieldError[] {
  if (!effect) return [required(path)]
  return effects.includes(effect) ? [] : [notSupported(path, effect, effects)]
}

/** Tolerations (upstream: pkg/apis/core/validation/validation.go ValidateTolerations). */
export function validateTolerations(tolerations: Toleration[] | undefined, path: string): FieldError[] {
  return (tolerations ?? []).flatMap((toleration, at) => {
    const where = `${path}[${at}]`
    const { key, operator = '', effect, tolerationSeconds } = toleration
    const errors = key ? invalidFor(`${where}.key`, key, checkQualifiedName(key)) : []
    if (!key && operator !== 'Exists') {
      const why = 'operator must be Exists when `key` is empty, which means "match all values and all keys"'
      errors.push(invalidValue(`${where}.operator`, operator, why))
    }
    if (tolerationSeconds !== undefined && effect !== 'NoExecute') {
      const why = "effect must be 'NoExecute' when `tolerationSeconds` is set"
      errors.push(invalidValue(`${where}.effect`, effect ?? '', why))
    }
    errors.push(...validateOperator(toleration, `${where}.operator`))
    return effect ? [...errors, ...validateTaintEffect(effect, `${where}.effect`)] : errors
  })
}

function validateOperator({ operator = '', value = '' }: Toleration, path: string): FieldError[] {
  switch (operator) {
    case '':
    case 'Equal': {
      const problems = checkLabelValue(value)
      return problems.length > 0 ? [invalidValue(path, value, problems.join(';'))] : []
    }
    case 'Exists':
      return value ? [invalidValue(path, value, "value must be empty when `operator` is 'Exists'")] : []
    case 'Lt':
    case 'Gt':
      // Behind the gate TaintTolerationComparisonOperators, which is off; upstream names them all the same.
      return [notSupported(path, operator, ['Equal', 'Exists', 'Lt', 'Gt'])]
    default:
      return [notSupported(path, operator, ['Equal', 'Exists'])]
  }
}
