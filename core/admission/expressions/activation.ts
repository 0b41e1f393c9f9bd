import type { Compilation, Evaluation } from '../../cel/compile.ts'
import { LazyObject } from '../../cel/values/containers.ts'
import { CelError } from '../../cel/values/value.ts'
import type { CelValue } from '../../cel/values/value.ts'
import type { CompiledExpression, CompiledVariable } from './compile.ts'

/** What an expression yielded, or why it yielded nothing. */
export type Outcome = { value: CelValue; error?: undefined } | { value?: undefined; error: string }

/** Begins the message of a BudgetSpent. */
export const budgetSpentMessage = 'validation failed due to running out of cost budget'

/** The expressions of a request have cost all that they may together. */
export class BudgetSpent extends Error {
  constructor() {
    super(`${budgetSpentMessage}, no further validation rules will be run`)
  }
}

/** Evaluates expressions that share their variables and a budget (upstream: plugin/cel/activation.go). */
export interface Activation {
  readonly remainingBudget: number
  /** Throws BudgetSpent when that is so. */
  evaluate(expression: CompiledExpression): Outcome
}

/** The texts of upstream, which is also where costs are counted: a variable's when it is first read. */
export function createActivation(
  inputs: Readonly<Record<string, unknown>>,
  variables: readonly CompiledVariable[],
  budget: number,
): Activation {
  let remainingBudget = budget
  const charge = (result: Evaluation): void => {
    if (result.cost > remainingBudget) throw new BudgetSpent()
    remainingBudget -= result.cost
  }
  const members = new Map(
    variables.map(({ name, compiled }) => [name, (): CelValue => compute(name, compiled)] as const),
  )
  const activation: Record<string, unknown> = {
    ...inputs,
    ...(variables.length > 0 && { variables: new LazyObject('kubernetes.variables', members) }),
  }
  function compute(name: string, { program, issues }: Compilation): CelValue {
    const shown = JSON.stringify(name)
    if (!program)
      return new CelError(`composited variable ${shown} fails to compile: compilation failed: ${issues}`)
    const result = program.evaluate(activation)
    charge(result)
    return 'error' in result
      ? new CelError(`composited variable ${shown} fails to evaluate: ${result.error}`)
      : result.value
  }
  return {
    get remainingBudget() {
      return remainingBudget
    },
    evaluate({ expression, compiled }) {
      if (!compiled.program) return { error: `compilation error: compilation failed: ${compiled.issues}` }
      const result = compiled.program.evaluate(activation)
      charge(result)
      if ('error' in result) {
        return { error: `expression '${expression}' resulted in error: ${result.error}` }
      }
      return { value: result.value }
    },
  }
}
