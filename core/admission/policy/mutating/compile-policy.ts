import type { MutatingAdmissionPolicy } from '../../../api/generated/admissionregistration-v1.ts'
import { admissionEnvironment } from '../../../cel/admission/admission-environment.ts'
import { compileIn, type CompiledExpression } from '../../expressions/compile.ts'
import { compileTerms, type PolicyTerms } from '../compile-terms.ts'

/** A policy whose expressions are compiled. */
export interface CompiledPolicy extends PolicyTerms {
  isReinvoked: boolean
  mutations: CompiledMutation[]
}

/** Makes a patch of one of the two kinds. */
export interface CompiledMutation {
  patchType: 'ApplyConfiguration' | 'JSONPatch'
  patch: CompiledExpression
}

/** Compiles the expressions of a policy (upstream: plugin/policy/mutating/compilation.go). */
export function compilePolicy({ spec = {} }: MutatingAdmissionPolicy): CompiledPolicy {
  const { terms, names } = compileTerms(spec)
  const environment = admissionEnvironment({ ...names, hasPatchTypes: true })
  return {
    isReinvoked: spec.reinvocationPolicy === 'IfNeeded',
    ...terms,
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
