import type {
  AuditAnnotation,
  ValidatingAdmissionPolicy,
  ValidatingAdmissionPolicySpec,
  Validation,
} from '../../api/generated/admissionregistration-v1.ts'
import type { FieldError } from '../../api/status.ts'
import { expressions, selectorValues } from '../validation/tolerated.ts'
import { defineKind } from '../../registry/kind.ts'
import { duplicate, invalidFor, invalidValue, required } from '../../api/field-errors.ts'
import { checkQualifiedName } from '../validation/formats.ts'
import { checkExpression } from './expressions.ts'
import type { ExpressionScope } from './expressions.ts'
import { validateMatchConditions } from './match-conditions.ts'
import { defaultMatchResources, validateMatchResources, validateParamKind } from './match-resources.ts'
import { policyColumns } from './policy-columns.ts'
import { validateVariables } from './variables.ts'
import { validateChoice } from './webhooks.ts'

const failurePolicies = ['Fail', 'Ignore']
const reasons = ['Forbidden', 'Invalid', 'RequestEntityTooLarge']
const maxAnnotations = 20
const maxValueLength = 5 * 1024
const noRules = 'validations or auditAnnotations must contain at least one item'

export const validatingAdmissionPolicy = defineKind<ValidatingAdmissionPolicy>({
  group: 'admissionregistration.k8s.io',
  version: 'v1',
  kind: 'ValidatingAdmissionPolicy',
  namespaced: false,
  names: {
    plural: 'validatingadmissionpolicies',
    singular: 'validatingadmissionpolicy',
    categories: ['api-extensions'],
  },
  schema: 'io.k8s.api.admissionregistration.v1.ValidatingAdmissionPolicy',
  toleratedWhenStored: [selectorValues, expressions],
  requiresResourceVersion: true,
  columns: policyColumns('Validations', ({ spec }) => (spec.validations ?? []).length),
  default(object) {
    object.spec ??= {}
    object.spec.failurePolicy ??= 'Fail'
    defaultMatchResources(object.spec.matchConstraints)
  },
  validate: ({ metadata, spec }) => validatePolicy(metadata.name, spec, 'spec'),
  status: { keepsMetadata: 'reset' },
})

function validatePolicy(name: string, spec: ValidatingAdmissionPolicySpec, path: string): FieldError[] {
  const { matchConstraints, validations = [], auditAnnotations = [] } = spec
  const errors = validateChoice(spec.failurePolicy, failurePolicies, `${path}.failurePolicy`)
  if (spec.paramKind) errors.push(...validateParamKind(spec.paramKind, `${path}.paramKind`))
  if (!matchConstraints) errors.push(required(`${path}.matchConstraints`))
  else {
    errors.push(...validateMatchResources(matchConstraints, `${path}.matchConstraints`))
    if (!matchConstraints.resourceRules?.length) {
      errors.push(required(`${path}.matchConstraints.resourceRules`))
    }
  }
  const hasParams = spec.paramKind !== undefined
  errors.push(...validateMatchConditions(spec.matchConditions ?? [], hasParams, `${path}.matchConditions`))
  const variables = validateVariables(spec.variables ?? [], hasParams, `${path}.variables`)
  errors.push(...variables.errors)
  if (validations.length === 0 && auditAnnotations.length === 0) {
    return [
      ...errors,
      required(`${path}.validations`, noRules),
      required(`${path}.auditAnnotations`, noRules),
    ]
  }
  for (const [at, rule] of validations.entries()) {
    errors.push(...validateValidation(rule, variables.scope, `${path}.validations[${at}]`))
  }
  const where = `${path}.auditAnnotations`
  return [...errors, ...validateAnnotations(auditAnnotations, name, variables.scope, where)]
}

function validateValidation(validation: Validation, scope: ExpressionScope, path: string): FieldError[] {
  const { expression, message, messageExpression, reason } = validation
  const errors: FieldError[] = []
  if (expression?.trim()) {
    const place = { path: `${path}.expression` }
    errors.push(...checkExpression('validation', expression, scope, place).errors)
  } else errors.push(required(`${path}.expression`, 'expression is not specified'))
  if (messageExpression?.trim()) {
    const place = { path: `${path}.messageExpression` }
    errors.push(...checkExpression('message', messageExpression, scope, place).errors)
  } else if (messageExpression) {
    errors.push(
      invalidValue(`${path}.messageExpression`, messageExpression, 'must be non-empty if specified'),
    )
  }
  if (message && !message.trim()) {
    errors.push(invalidValue(`${path}.message`, message, 'message must be non-empty if specified'))
  } else if (message && /[\n\r]/.test(message.trim())) {
    errors.push(invalidValue(`${path}.message`, message, 'message must not contain line breaks'))
  }
  return [...errors, ...validateChoice(reason, reasons, `${path}.reason`)]
}

function validateAnnotations(
  annotations: AuditAnnotation[],
  policyName: string,
  scope: ExpressionScope,
  path: string,
): FieldError[] {
  const keys = new Set<string>()
  const errors: FieldError[] = []
  if (annotations.length > maxAnnotations) {
    errors.push(invalidValue(path, annotations, `must not have more than ${maxAnnotations} auditAnnotations`))
  }
  for (const [at, { key, valueExpression }] of annotations.entries()) {
    const where = `${path}[${at}]`
    const fullKey = `${policyName}/${key ?? ''}`
    errors.push(...invalidFor(`${where}.key`, fullKey, checkQualifiedName(fullKey)))
    const text = valueExpression?.trim() ?? ''
    const place = { path: `${where}.valueExpression`, shown: valueExpression }
    if (!text) errors.push(required(place.path, 'valueExpression is not specified'))
    else if (Buffer.byteLength(text) > maxValueLength) {
      errors.push(required(place.path, `must not exceed ${maxValueLength} bytes in length`))
    } else errors.push(...checkExpression('auditAnnotation', text, scope, place).errors)
    if (keys.has(key)) errors.push(duplicate(`${where}.key`, key))
    keys.add(key)
  }
  return errors
}
