import type { ConditionObserver } from '../expressions/condition-observer.ts'
import { budgetSpentMessage } from '../expressions/activation.ts'

export type PolicyErrorType = 'no_error' | 'compile_error' | 'out_of_budget' | 'invalid_error'

/** One outcome of a policy's evaluation. */
export interface PolicyCheck {
  policy: string
  binding: string
  ms: number
  errorType: PolicyErrorType
}

/** Is told what policies decided, for metrics (upstream: plugin/policy/validating/metrics, …/mutating/metrics). */
export interface PolicyObserver extends ConditionObserver {
  validated(check: PolicyCheck, action: 'allow' | 'deny' | 'audit' | 'warn'): void
  mutated(check: PolicyCheck): void
}

/** What kind of failure a message of an evaluation tells of, as upstream reads it. */
export function errorTypeOf(message: string): PolicyErrorType {
  if (message.startsWith('compilation')) return 'compile_error'
  return message.startsWith(budgetSpentMessage) ? 'out_of_budget' : 'invalid_error'
}
