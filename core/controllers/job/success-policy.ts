import type { Job, SuccessPolicyRule } from '../../api/generated/batch-v1.ts'
import { readIndexes } from './indexes.ts'

/** Says which rule of the success policy is met; undefined when none is (upstream: matchSuccessPolicy). */
export function metSuccessRule({ spec }: Job, succeeded: ReadonlySet<number>): string | undefined {
  if (succeeded.size === 0) return undefined
  const rules = spec.successPolicy?.rules ?? []
  const index = rules.findIndex((rule) => isMet(rule, succeeded, spec.completions ?? 0))
  return index < 0 ? undefined : `Matched rules at index ${index}`
}

function isMet(rule: SuccessPolicyRule, succeeded: ReadonlySet<number>, completions: number): boolean {
  const { succeededCount, succeededIndexes } = rule
  if (succeededIndexes === undefined) return succeeded.size >= (succeededCount ?? Infinity)
  const wanted = readIndexes(succeededIndexes, completions)
  const met = [...wanted].filter((index) => succeeded.has(index)).length
  return met >= (succeededCount ?? wanted.size)
}
