import type { FieldError } from '../../api/status.ts'
import {
  duplicate,
  invalidFor,
  invalidValue,
  notSupported,
  required,
  tooLong,
} from '../../api/field-errors.ts'
import { checkQualifiedName, regexError } from './formats.ts'

/** A condition as meta/v1 defines it. */
export interface StandardCondition {
  type?: string
  status?: string
  observedGeneration?: number
  lastTransitionTime?: string
  reason?: string
  message?: string
}

const statuses = ['False', 'True', 'Unknown']
const reasonForm = '[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?'
const longestReason = 1024
const longestMessage = 32 * 1024

/** A list of conditions (upstream: apimachinery/pkg/apis/meta/v1/validation ValidateConditions). */
export function validateConditions(conditions: StandardCondition[], path: string): FieldError[] {
  const types = new Set<string>()
  return conditions.flatMap((condition, at) => {
    const where = `${path}[${at}]`
    const { type = '' } = condition
    const errors = types.has(type) ? [duplicate(`${where}.type`, type)] : []
    types.add(type)
    return [...errors, ...validateCondition(condition, where)]
  })
}

function validateCondition(condition: StandardCondition, path: string): FieldError[] {
  const {
    type = '',
    status = '',
    observedGeneration,
    lastTransitionTime,
    reason = '',
    message = '',
  } = condition
  const errors = invalidFor(`${path}.type`, type, checkQualifiedName(type))
  if (!statuses.includes(status)) errors.push(notSupported(`${path}.status`, status, statuses))
  if (observedGeneration !== undefined && observedGeneration < 0) {
    const why = 'must be greater than or equal to zero'
    errors.push(invalidValue(`${path}.observedGeneration`, observedGeneration, why))
  }
  if (!lastTransitionTime) errors.push(required(`${path}.lastTransitionTime`))
  if (reason === '') errors.push(required(`${path}.reason`))
  else {
    if (!new RegExp(`^${reasonForm}$`).test(reason)) {
      const rule =
        "a condition reason must start with alphabetic character, optionally followed by a string of alphanumeric characters or '_,:', and must end with an alphanumeric character or '_'"
      const why = regexError(
        rule,
        reasonForm,
        'my_name',
        'MY_NAME',
        'MyName',
        'ReasonA,ReasonB',
        'ReasonA:ReasonB',
      )
      errors.push(invalidValue(`${path}.reason`, reason, why))
    }
    if (Buffer.byteLength(reason) > longestReason) errors.push(tooLong(`${path}.reason`, longestReason))
  }
  if (Buffer.byteLength(message) > longestMessage) errors.push(tooLong(`${path}.message`, longestMessage))
  return errors
}
