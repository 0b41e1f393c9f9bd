import type { Container, ContainerRestartRule } from '../../../api/generated/core-v1.ts'
import type { FieldError } from '../../../api/status.ts'
import { notSupported, required, tooLong } from '../../../api/field-errors.ts'

const policies = ['Always', 'Never', 'OnFailure']
const actions = ['Restart', 'RestartAllContainers']
const operators = ['In', 'NotIn']
const maxRules = 20
const maxExitCodes = 255

/** A container's own restart policy and its rules (upstream: validation.go validateContainerRestartPolicy). */
export function validateRestartRules(
  { restartPolicy, restartPolicyRules: rules = [] }: Container,
  path: string,
): FieldError[] {
  const errors: FieldError[] = []
  if (restartPolicy === undefined) {
    if (rules.length > 0) {
      errors.push(required(`${path}.restartPolicy`, 'must specify restartPolicy when restart rules are used'))
    }
  } else if (!policies.includes(restartPolicy)) {
    errors.push(notSupported(`${path}.restartPolicy`, restartPolicy, policies))
  }
  const where = `${path}.restartPolicyRules`
  // Upstream counts the items of these lists as if they were bytes.
  if (rules.length > maxRules) errors.push(tooLong(where, maxRules))
  return [...errors, ...rules.flatMap((rule, at) => validateRule(rule, `${where}[${at}]`))]
}

function validateRule({ action, exitCodes }: ContainerRestartRule, path: string): FieldError[] {
  const errors = actions.includes(action) ? [] : [notSupported(`${path}.action`, action ?? '', actions)]
  if (!exitCodes) return [...errors, required(`${path}.exitCodes`, 'must be specified')]
  const { operator, values = [] } = exitCodes
  if (!operators.includes(operator)) {
    errors.push(notSupported(`${path}.exitCodes.operator`, operator ?? '', operators))
  }
  if (values.length > maxExitCodes) errors.push(tooLong(`${path}.exitCodes.values`, maxExitCodes))
  return errors
}
