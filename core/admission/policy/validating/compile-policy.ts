import type {
  ValidatingAdmissionPolicy,
  Validation,
} from '../../../api/generated/admissionregistration-v1.ts'
import { admissionEnvironment } from '../../../cel/admission/admission-environment.ts'
import {
  compileIn,
  compileVariables,
  type CompiledExpression,
  type CompiledVariable,
} from '../../expressions/compile.ts'
import { compileMatchConditions, type ConditionMatcher } from '../../expressions/match-conditions.ts'

/** A policy whose expressions are compiled. */
export interface CompiledPolicy {
  isIgnoringFailures: boolean
  conditions: ConditionMatcher | undefined
  variables: CompiledVariable[]
  validations: CompiledValidation[]
  annotations: { key: string; value: CompiledExpression }[]
}

export interface CompiledValidation {
  validation: Validation
  rule: CompiledExpression
  message: CompiledExpression | undefined
}

/** Compiles the expressions of a policy (upstream: plugin/policy/validating/plugin.go compilePolicy). */
export function compilePolicy({ spec = {} }: ValidatingAdmissionPolicy): CompiledPolicy {
  const hasParams = spec.paramKind !== undefined
  const { variables, names } = compileVariables(spec.variables ?? [], { hasParams, hasAuthorizer: true })
  const environment = admissionEnvironment(names)
  const messages = admissionEnvironment({ ...names, hasAuthorizer: false })
  return {
    isIgnoringFailures: spec.failurePolicy === 'Ignore',
    conditions: compileMatchConditions(spec.matchConditions, { hasParams }),
    variables,
    validations: (spec.validations ?? []).map((validation) => ({
      validation,
      rule: compileIn(environment, validation.expression),
      message: validation.messageExpression ? compileIn(messages, validation.messageExpression) : undefined,
    })),
    annotations: (spec.auditAnnotations ?? []).map(({ key, valueExpression }) => ({
      key,
      value: compileIn(environment, valueExpression),
    })),
  }
}
