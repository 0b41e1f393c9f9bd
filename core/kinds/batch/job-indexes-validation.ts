import { parseIndexes } from '../../api/completion-indexes.ts'
import type { Job } from '../../api/generated/batch-v1.ts'
import type { FieldError } from '../../api/status.ts'
import { invalidValue } from '../../api/field-errors.ts'

/** The sets of completed and failed indexes in a Job's status, each as far as a write changes it. */
export function validateJobIndexes(
  { spec, status = {} }: Job,
  changesCompleted: boolean,
  changesFailed: boolean,
): FieldError[] {
  const { completedIndexes = '', failedIndexes } = status
  const { completions, backoffLimitPerIndex } = spec
  const errors: FieldError[] = []
  if (changesCompleted && completions !== undefined) {
    errors.push(...validateFormat('completedIndexes', completedIndexes, completions))
  }
  if (
    changesFailed &&
    completions !== undefined &&
    backoffLimitPerIndex !== undefined &&
    failedIndexes !== undefined
  ) {
    errors.push(...validateFormat('failedIndexes', failedIndexes, completions))
  }
  if (changesCompleted && completedIndexes !== '' && spec.completionMode !== 'Indexed') {
    const why = 'cannot set non-empty completedIndexes when non-indexed completion mode'
    errors.push(invalidValue('status.completedIndexes', completedIndexes, why))
  }
  if (failedIndexes === undefined) return errors
  if (changesFailed && backoffLimitPerIndex === undefined) {
    const why = 'cannot set non-null failedIndexes when backoffLimitPerIndex is null'
    errors.push(invalidValue('status.failedIndexes', failedIndexes, why))
  }
  const overlap =
    completions === undefined ? undefined : firstCommon(completedIndexes, failedIndexes, completions)
  if ((changesFailed || changesCompleted) && overlap !== undefined) {
    const why = `failedIndexes and completedIndexes overlap at index: ${overlap}`
    errors.push(invalidValue('status.failedIndexes', failedIndexes, why))
  }
  return errors
}

function validateFormat(
  name: 'completedIndexes' | 'failedIndexes',
  text: string,
  completions: number,
): FieldError[] {
  try {
    parseIndexes(text, completions)
    return []
  } catch (error) {
    const why = `error parsing ${name}: ${(error as Error).message}`
    return [invalidValue(`status.${name}`, text, why)]
  }
}

/** The first index in both sets; intervals that cannot be read are left out. */
function firstCommon(one: string, other: string, completions: number): number | undefined {
  const indexes = (text: string): number[] =>
    text.split(',').flatMap((interval) => {
      try {
        return parseIndexes(interval, completions)
      } catch {
        return []
      }
    })
  const known = new Set(indexes(one))
  return indexes(other).find((index) => known.has(index))
}
