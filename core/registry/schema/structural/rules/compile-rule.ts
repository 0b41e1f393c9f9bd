import { optionalOf } from '../../../../cel/cel-type.ts'
import type { CelType } from '../../../../cel/cel-type.ts'
import { compileExpression } from '../../../../cel/compile.ts'
import type { Program } from '../../../../cel/compile.ts'
import { createEnvironment } from '../../../../cel/environment.ts'
import type { Schema, ValidationRule } from '../../schema.ts'
import { normalizeFieldPath } from './field-path.ts'

/** A rule of x-kubernetes-validations, compiled. Without a program and an error, the rule is empty. */
export interface CompiledRule {
  rule: ValidationRule
  program?: Program
  /** Why there is no program. */
  error?: string
  messageProgram?: Program
  messageError?: string
  usesOldSelf: boolean
  /** Where its errors are reported, below the value that it judges. */
  fieldPath: string | undefined
}

/**
 * Compiles the rules of one schema (upstream: apiserver/schema/cel/compilation.go). `type` is that of the values it
 * describes; undefined when expressions cannot see them.
 */
export function compileRules(schema: Schema, type: CelType | undefined): CompiledRule[] {
  return (schema['x-kubernetes-validations'] ?? []).map((rule) => compileRule(schema, type, rule))
}

function compileRule(schema: Schema, type: CelType | undefined, rule: ValidationRule): CompiledRule {
  const fieldPath = rule.fieldPath ? normalizeFieldPath(rule.fieldPath, schema) : undefined
  const compiled: CompiledRule = { rule, usesOldSelf: false, fieldPath }
  if (!rule.rule?.trim()) return compiled
  if (!type) return { ...compiled, error: 'failed to convert to declType for CEL validation rules' }
  const oldSelf = rule.optionalOldSelf ? optionalOf(type) : type
  const environment = createEnvironment({ variables: { self: type, oldSelf } })
  const { program, issues } = compileExpression(rule.rule, environment)
  if (!program) return { ...compiled, error: `compilation failed: ${issues}` }
  if (program.outputType.kind !== 'bool')
    return { ...compiled, error: 'cel expression must evaluate to a bool' }
  compiled.program = program
  compiled.usesOldSelf = program.variables.has('oldSelf')
  if (!rule.messageExpression) return compiled
  const message = compileExpression(rule.messageExpression, environment)
  if (!message.program) compiled.messageError = `messageExpression compilation failed: ${message.issues}`
  else if (message.program.outputType.kind !== 'string')
    compiled.messageError = 'messageExpression must evaluate to a string'
  else compiled.messageProgram = message.program
  return compiled
}
