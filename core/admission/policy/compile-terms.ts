import type { MatchCondition, Variable } from '../../api/generated/admissionregistration-v1.ts'
import type { AdmissionNames } from '../../cel/admission/admission-environment.ts'
import { compileVariables, type CompiledVariable } from '../expressions/compile.ts'
import { compileMatchConditions, type ConditionMatcher } from '../expressions/match-conditions.ts'

/** What every policy with expressions has, compiled: when it applies, and what its own expressions may use. */
export interface PolicyTerms {
  conditions: ConditionMatcher | undefined
  variables: CompiledVariable[]
}

/** Compiles what a policy has in common with the other kind; `names` are what its own expressions see. */
export function compileTerms(spec: {
  paramKind?: object
  matchConditions?: MatchCondition[]
  variables?: Variable[]
}): { terms: PolicyTerms; names: AdmissionNames } {
  const hasParams = spec.paramKind !== undefined
  const { variables, names } = compileVariables(spec.variables ?? [], { hasParams, hasAuthorizer: true })
  return {
    terms: { conditions: compileMatchConditions(spec.matchConditions, { hasParams }), variables },
    names,
  }
}
