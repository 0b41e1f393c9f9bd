import type { MutatingAdmissionPolicy } from '../../../api/generated/admissionregistration-v1.ts'
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
  isReinvoked: boolean
  conditions: ConditionMatcher | undefined
  variables: CompiledVariable[]
  mutations: CompiledMutation[]
}

/** Makes a patch of one of the two kinds. */
export interface CompiledMutation {
  patchType: 'ApplyConfiguration' | 'JSONPatch'
  patch: CompiledExpression
}

/** Compiles the expressions of a policy (upstream: plugin/policy/mutating/compilation.go). */
export function compilePolicy({ spec = {} }: MutatingAdmissionPolicy): CompiledPolicy {
  const hasParams = spec.paramKind !== undefined
  const scope = { hasParams, hasAuthorizer: true }
  const { variables, names } = compileVariables(spec.variables ?? [], scope)
  const environment = admissionEnvironment({ ...names, hasPatchTypes: true })
  return {
    isReinvoked: spec.reinvocationPolicy === 'IfNeeded',
    conditions: compileMatchConditions(spec.matchConditions, { hasParams }),
    variables,
    mutations: (spec.mutations ?? []).map(({ patchType, applyConfiguration, jsonPatch }) => {
      const isJsonPatch = patchType === 'JSONPatch'
      const { expression = '' } = (isJsonPatch ? jsonPatch : applyConfiguration) ?? {}
      return {
        patchType: isJsonPatch ? 'JSONPatch' : 'ApplyConfiguration',
        patch: compileIn(environment, expression),
      }
    }),
  }
}
