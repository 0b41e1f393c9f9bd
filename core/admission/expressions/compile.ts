import { admissionEnvironment, variablesType } from '../../cel/admission/admission-environment.ts'
import type { AdmissionNames } from '../../cel/admission/admission-environment.ts'
import type { CelType } from '../../cel/cel-type.ts'
import { compileExpression } from '../../cel/compile.ts'
import type { Compilation } from '../../cel/compile.ts'
import type { Environment } from '../../cel/environment.ts'

/** An expression with what it compiled to. */
export interface CompiledExpression {
  expression: string
  compiled: Compilation
}

/** A named expression that others of the same policy use. */
export interface CompiledVariable {
  name: string
  compiled: Compilation
}

/** Compiles an expression; what it must yield was checked when it was written. */
export function compileIn(environment: Environment, expression: string): CompiledExpression {
  return { expression, compiled: compileExpression(expression, environment) }
}

/** The variables of a policy, each of which sees those before it, and the names of those that see them all (upstream: plugin/cel/composition.go). */
export function compileVariables(
  variables: readonly { name: string; expression: string }[],
  names: AdmissionNames,
): { variables: CompiledVariable[]; names: AdmissionNames } {
  const types = new Map<string, CelType | undefined>()
  const withTypes = (): AdmissionNames => ({ ...names, variables: variablesType(types) })
  const compiled = variables.map(({ name, expression }) => {
    const one = compileExpression(expression, admissionEnvironment(withTypes()))
    types.set(name, one.program?.outputType)
    return { name, compiled: one }
  })
  return { variables: compiled, names: variables.length > 0 ? withTypes() : names }
}
