import type { CelType } from './cel-type.ts'
import { check } from './check/checker.ts'
import type { Checked } from './check/checked.ts'
import { checkLiterals } from './check/literal-arguments.ts'
import { estimateCost } from './cost/estimate.ts'
import type { Environment } from './environment.ts'
import { CostExceeded, Frame } from './evaluate/frame.ts'
import { plan } from './evaluate/planner.ts'
import { formatIssues } from './issues.ts'
import type { Issue } from './issues.ts'
import { parse } from './parse/parser.ts'
import { toCelValue } from './values/json-values.ts'
import { CelError } from './values/value.ts'
import type { CelValue } from './values/value.ts'

/** What one expression may cost to evaluate (upstream: apis/cel PerCallLimit). */
const perCallLimit = 1_000_000
/** What all expressions of an object or binding may cost together (upstream: RuntimeCELCostBudget). */
export const runtimeCostBudget = 10_000_000

/** How an evaluation ended. An error has cel-go's text; its cost counts too. */
export type Evaluation =
  { value: CelValue; cost: number } | { error: string; cost: number; isOverBudget: boolean }

export interface Program {
  /** What the expression yields, as far as checking can tell. */
  readonly outputType: CelType
  /** The variables of the environment that it reads. */
  readonly variables: ReadonlySet<string>
  /**
   * Evaluates it. Variables are JSON, read through their declared types, or CEL values; one that is undefined is not
   * there. Never throws for what an expression does.
   */
  evaluate(variables: Readonly<Record<string, unknown>>, options?: { costLimit?: number }): Evaluation
  /** The least and the most it may cost; 2^64 stands for no bound. */
  estimateCost(): { min: number; max: number }
}

/** A program, or the text of what is wrong with the source as cel-go prints it. */
export type Compilation = { program: Program; issues?: undefined } | { program?: undefined; issues: string }

/** Parses, checks and plans an expression. Never throws for what a source says. */
export function compileExpression(text: string, environment: Environment): Compilation {
  const source = { points: [...text] }
  const issues: Issue[] = []
  const expr = parse(source, issues)
  if (!expr) return { issues: formatIssues(source, issues) }
  const checked = check(expr, environment, issues)
  if (issues.length === 0) checkLiterals(checked, issues)
  if (issues.length > 0) return { issues: formatIssues(source, issues) }
  return { program: createProgram(checked, environment) }
}

function createProgram(checked: Checked, environment: Environment): Program {
  const { run, slotCount, variables: slots } = plan(checked)
  const inputs = [...slots].map(([name, slot]) => ({ name, slot, type: environment.variables.get(name)! }))
  return {
    outputType: checked.typeOf(checked.expr),
    variables: checked.variables,
    evaluate(variables, { costLimit = perCallLimit } = {}) {
      const frame = new Frame(slotCount, costLimit)
      for (const { name, slot, type } of inputs) {
        const given = variables[name]
        if (given !== undefined) frame.slots[slot] = toCelValue(given, type)
      }
      try {
        const value = run(frame)
        const { cost } = frame
        return value instanceof CelError
          ? { error: value.message, cost, isOverBudget: false }
          : { value, cost }
      } catch (error) {
        if (!(error instanceof CostExceeded)) throw error
        return { error: error.message, cost: frame.cost, isOverBudget: true }
      }
    },
    estimateCost: () => estimateCost(checked, environment.variables),
  }
}
