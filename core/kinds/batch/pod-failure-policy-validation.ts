import type {
  JobSpec,
  PodFailurePolicyOnExitCodesRequirement,
  PodFailurePolicyOnPodConditionsPattern,
  PodFailurePolicyRule,
} from '../../api/generated/batch-v1.ts'
import type { FieldError } from '../../api/status.ts'
import {
  duplicate,
  invalidFor,
  invalidValue,
  notSupported,
  required,
  tooMany,
  wrongField,
} from '../../api/field-errors.ts'
import { checkQualifiedName } from '../validation/formats.ts'
import { repeats } from '../validation/repeats.ts'

const maxRules = 20
const maxPatterns = 20
const maxExitCodes = 255
const actions = ['Count', 'FailIndex', 'FailJob', 'Ignore']
const operators = ['In', 'NotIn']
const statuses = ['False', 'True', 'Unknown']

/** Upstream: pkg/apis/batch/validation validatePodFailurePolicy. */
export function validatePodFailurePolicy(spec: JobSpec, path: string): FieldError[] {
  const rules = spec.podFailurePolicy?.rules ?? []
  const errors = rules.length > maxRules ? [tooMany(`${path}.rules`, rules.length, maxRules)] : []
  for (const [at, rule] of rules.entries()) errors.push(...validateRule(spec, rule, `${path}.rules[${at}]`))
  return errors
}

/** One of a set of words, with upstream's hint when it is missing. */
function validateWord(value: string | undefined, words: string[], path: string): FieldError[] {
  if (!value) {
    const list = words.map((word) => JSON.stringify(word)).join(' ')
    return [required(path, `valid values: [${list}]`)]
  }
  return words.includes(value) ? [] : [notSupported(path, value, words)]
}

function validateRule(spec: JobSpec, rule: PodFailurePolicyRule, path: string): FieldError[] {
  const { action, onExitCodes, onPodConditions = [] } = rule
  const errors = validateWord(action, actions, `${path}.action`)
  if (action === 'FailIndex' && spec.backoffLimitPerIndex === undefined) {
    errors.push(invalidValue(`${path}.action`, action, 'requires the backoffLimitPerIndex to be set'))
  }
  if (onExitCodes) errors.push(...validateExitCodes(spec, onExitCodes, `${path}.onExitCodes`))
  errors.push(...validatePatterns(onPodConditions, `${path}.onPodConditions`))
  if (onExitCodes && onPodConditions.length > 0) {
    errors.push(wrongField(path, 'specifying both OnExitCodes and OnPodConditions is not supported'))
  }
  if (!onExitCodes && onPodConditions.length === 0) {
    errors.push(wrongField(path, 'specifying one of OnExitCodes and OnPodConditions is required'))
  }
  return errors
}

function validatePatterns(patterns: PodFailurePolicyOnPodConditionsPattern[], path: string): FieldError[] {
  const errors = patterns.length > maxPatterns ? [tooMany(path, patterns.length, maxPatterns)] : []
  for (const [at, { type, status }] of patterns.entries()) {
    errors.push(...invalidFor(`${path}[${at}].type`, type, checkQualifiedName(type ?? '')))
    errors.push(...validateWord(status, statuses, `${path}[${at}].status`))
  }
  return errors
}

function validateExitCodes(
  spec: JobSpec,
  requirement: PodFailurePolicyOnExitCodesRequirement,
  path: string,
): FieldError[] {
  const { operator, containerName, values = [] } = requirement
  const errors = validateWord(operator, operators, `${path}.operator`)
  const { containers = [], initContainers = [] } = spec.template?.spec ?? {}
  if (
    containerName !== undefined &&
    ![...containers, ...initContainers].some((c) => c.name === containerName)
  ) {
    const why = 'must be one of the container or initContainer names in the pod template'
    errors.push(invalidValue(`${path}.containerName`, containerName, why))
  }
  const where = `${path}.values`
  if (values.length === 0)
    errors.push(invalidValue(where, requirement.values, 'at least one value is required'))
  if (values.length > maxExitCodes) errors.push(tooMany(where, values.length, maxExitCodes))
  const repeated = repeats(values)
  for (const [at, code] of values.entries()) {
    if (operator === 'In' && code === 0) {
      errors.push(invalidValue(`${where}[${at}]`, code, 'must not be 0 for the In operator'))
    }
    if (repeated.has(at)) errors.push(duplicate(`${where}[${at}]`, code))
  }
  const isOrdered = values.every((code, at) => at === 0 || (values[at - 1] ?? code) <= code)
  return isOrdered ? errors : [...errors, invalidValue(where, values, 'must be ordered')]
}
