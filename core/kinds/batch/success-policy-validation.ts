import { parseIndexes } from '../../api/completion-indexes.ts'
import type { JobSpec, SuccessPolicyRule } from '../../api/generated/batch-v1.ts'
import type { FieldError } from '../../api/status.ts'
import { validateNonNegative } from '../core/pod/handler-validation.ts'
import { invalidValue, required, tooLong, tooMany } from '../../api/field-errors.ts'

const maxRules = 20
const maxIndexesBytes = 64 * 1024

/** Upstream: pkg/apis/batch/validation validateSuccessPolicy. */
export function validateSuccessPolicy(spec: JobSpec, path: string): FieldError[] {
  const rules = spec.successPolicy?.rules ?? []
  const where = `${path}.rules`
  const errors: FieldError[] = []
  if (rules.length === 0) {
    errors.push(required(where, 'at least one rules must be specified when the successPolicy is specified'))
  }
  if (rules.length > maxRules) errors.push(tooMany(where, rules.length, maxRules))
  const completions = spec.completions ?? 0
  for (const [at, rule] of rules.entries()) errors.push(...validateRule(rule, completions, `${where}[${at}]`))
  return errors
}

function validateRule(rule: SuccessPolicyRule, completions: number, path: string): FieldError[] {
  const { succeededCount: count, succeededIndexes: indexes } = rule
  if (count === undefined && indexes === undefined) {
    return [required(path, 'at least one of succeededCount or succeededIndexes must be specified')]
  }
  const errors: FieldError[] = []
  let total = 0
  if (indexes !== undefined) {
    const where = `${path}.succeededIndexes`
    if (Buffer.byteLength(indexes) > maxIndexesBytes) errors.push(tooLong(where, maxIndexesBytes))
    try {
      total = parseIndexes(indexes, completions).length
    } catch (error) {
      const why = `error parsing succeededIndexes: ${(error as Error).message}`
      errors.push(invalidValue(where, indexes, why))
    }
  }
  if (count === undefined) return errors
  const where = `${path}.succeededCount`
  errors.push(...validateNonNegative(count, where))
  if (count > completions) {
    const why = `must be less than or equal to ${completions} (the number of specified completions)`
    errors.push(invalidValue(where, count, why))
  }
  if (indexes !== undefined && count > total) {
    const why = `must be less than or equal to ${total} (the number of indexes in the specified succeededIndexes field)`
    errors.push(invalidValue(where, count, why))
  }
  return errors
}
