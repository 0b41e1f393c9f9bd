import type {
  ValidatingAdmissionPolicy,
  Validation,
} from '../../../api/generated/admissionregistration-v1.ts'
import { admissionEnvironment } from '../../../cel/admission/admission-environment.ts'
import { compileIn, type CompiledExpression } from '../../expressions/compile.ts'
import { compileTerms, type PolicyTerms } from '../compile-terms.ts'

/** A policy whose expressions are compiled. */
export interface CompiledPolicy extends PolicyTerms {
  isIgnoringFailures: boolean
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
  const { terms, names } = compileTerms(spec)
  const environment = admissionEnvironment(names)
  const messages = admissionEnvironment({ ...names, hasAuthorizer: false })
  return {
    isIgnoringFailures: spec.failurePolicy === 'Ignore',
    ...terms,
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
