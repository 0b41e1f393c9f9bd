import type { MatchCondition } from '../../api/generated/admissionregistration-v1.ts'
import { admissionEnvironment } from '../../cel/admission/admission-environment.ts'
import type { AdmissionNames } from '../../cel/admission/admission-environment.ts'
import { BudgetSpent, createActivation } from './activation.ts'
import { compileIn } from './compile.ts'
import type { CompiledExpression } from './compile.ts'

/** What conditions of a webhook or policy may cost together (upstream: RuntimeCELCostBudgetMatchConditions). */
const conditionsBudget = 2_500_000

/** What conditions came to; `errors` of them could not be evaluated, those after one that is false not counted. */
export type ConditionResult =
  { matches: boolean; errors: number; error?: undefined } | { matches: false; errors: number; error: string }

/** Conditions that a request must meet, beside rules and selectors. */
export interface ConditionMatcher {
  /** Whether all are true; one that is false decides before errors do. */
  match(inputs: Record<string, unknown>): ConditionResult
}

/** Compiles conditions; undefined for none (upstream: plugin/webhook/matchconditions/matcher.go). */
export function compileMatchConditions(
  conditions: readonly MatchCondition[] | undefined,
  names: AdmissionNames = {},
): ConditionMatcher | undefined {
  if (!conditions || conditions.length === 0) return undefined
  const environment = admissionEnvironment({ ...names, hasAuthorizer: true })
  const compiled = conditions.map(({ expression }) => compileIn(environment, expression))
  return { match: (inputs) => evaluateConditions(compiled, inputs) }
}

function evaluateConditions(
  conditions: readonly CompiledExpression[],
  inputs: Record<string, unknown>,
): ConditionResult {
  const activation = createActivation(inputs, [], conditionsBudget)
  const messages = new Set<string>()
  let isRefused = false
  let errors = 0
  try {
    for (const condition of conditions) {
      const { value, error } = activation.evaluate(condition)
      if (error !== undefined) {
        messages.add(error)
        if (!isRefused) errors++
      } else if (value === false) isRefused = true
    }
  } catch (error) {
    if (error instanceof BudgetSpent) return { matches: false, errors: 0, error: error.message }
    throw error
  }
  if (isRefused) return { matches: false, errors }
  const found = [...messages]
  if (found.length === 0) return { matches: true, errors }
  return { matches: false, errors, error: found.length === 1 ? found[0]! : `[${found.join(', ')}]` }
}
