import type { MutatingAdmissionPolicy, Mutation } from '../../api/generated/admissionregistration-v1.ts'
import type { FieldError } from '../../api/status.ts'
import { expressions, selectorValues } from '../validation/tolerated.ts'
import { defineKind } from '../../registry/kind.ts'
import { invalidValue, notSupported, required } from '../../api/field-errors.ts'
import { checkExpression } from './expressions.ts'
import type { ExpressionScope } from './expressions.ts'
import { validateMatchConditions } from './match-conditions.ts'
import { defaultMatchResources, validateMatchResources, validateParamKind } from './match-resources.ts'
import { policyColumns } from './policy-columns.ts'
import { validateVariables } from './variables.ts'
import { validateChoice } from './webhooks.ts'

const failurePolicies = ['Fail', 'Ignore']
const reinvocationPolicies = ['IfNeeded', 'Never']
/** Each type of patch with the field that holds it. */
const patchFields = { ApplyConfiguration: 'applyConfiguration', JSONPatch: 'jsonPatch' } as const

export const mutatingAdmissionPolicy = defineKind<MutatingAdmissionPolicy>({
  group: 'admissionregistration.k8s.io',
  version: 'v1',
  kind: 'MutatingAdmissionPolicy',
  namespaced: false,
  names: {
    plural: 'mutatingadmissionpolicies',
    singular: 'mutatingadmissionpolicy',
    categories: ['api-extensions'],
  },
  schema: 'io.k8s.api.admissionregistration.v1.MutatingAdmissionPolicy',
  toleratedWhenStored: [selectorValues, expressions],
  tracksGeneration: true,
  requiresResourceVersion: true,
  columns: policyColumns('Mutations', ({ spec }) => (spec.mutations ?? []).length),
  default(object) {
    object.spec ??= {}
    object.spec.failurePolicy ??= 'Fail'
    defaultMatchResources(object.spec.matchConstraints)
  },
  validate: validatePolicy,
})

function validatePolicy({ spec }: MutatingAdmissionPolicy): FieldError[] {
  const { matchConstraints, reinvocationPolicy, mutations = [] } = spec
  const errors = validateChoice(spec.failurePolicy, failurePolicies, 'spec.failurePolicy')
  if (spec.paramKind) errors.push(...validateParamKind(spec.paramKind, 'spec.paramKind'))
  if (!matchConstraints) errors.push(required('spec.matchConstraints'))
  else {
    errors.push(...validateMatchResources(matchConstraints, 'spec.matchConstraints'))
    if (!matchConstraints.resourceRules?.length) errors.push(required('spec.matchConstraints.resourceRules'))
  }
  const hasParams = spec.paramKind !== undefined
  errors.push(...validateMatchConditions(spec.matchConditions ?? [], hasParams, 'spec.matchConditions'))
  const variables = validateVariables(spec.variables ?? [], hasParams, 'spec.variables')
  errors.push(...variables.errors)
  if (mutations.length === 0) {
    errors.push(required('spec.mutations', 'mutations must contain at least one item'))
  }
  for (const [at, mutation] of mutations.entries()) {
    errors.push(...validateMutation(mutation, variables.scope, `spec.mutations[${at}]`))
  }
  if (!reinvocationPolicy) errors.push(required('spec.reinvocationPolicy'))
  else errors.push(...validateChoice(reinvocationPolicy, reinvocationPolicies, 'spec.reinvocationPolicy'))
  return errors
}

function validateMutation(mutation: Mutation, scope: ExpressionScope, path: string): FieldError[] {
  const { patchType } = mutation
  if (!patchType) return [required(`${path}.patchType`)]
  if (!Object.hasOwn(patchFields, patchType)) {
    return [notSupported(`${path}.patchType`, patchType, Object.keys(patchFields))]
  }
  const own = patchFields[patchType as keyof typeof patchFields]
  const errors: FieldError[] = []
  if (!mutation[own])
    errors.push(required(`${path}.${own}`, `must be specified when patchType is ${patchType}`))
  else {
    const text = mutation[own].expression?.trim()
    const place = { path: `${path}.${own}.expression` }
    errors.push(...(text ? checkExpression(own, text, scope, place).errors : [required(place.path)]))
  }
  for (const field of Object.values(patchFields)) {
    if (field === own || !mutation[field]) continue
    const why = `must not be specified when patchType is ${patchType}`
    errors.push(invalidValue(`${path}.${field}`, `{${field}}`, why))
  }
  return errors
}
