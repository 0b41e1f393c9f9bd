import type {
  AuditAnnotation,
  ValidatingAdmissionPolicy,
  ValidatingAdmissionPolicySpec,
  Validation,
} from '../../api/generated/admissionregistration-v1.ts'
import type { FieldError } from '../../api/status.ts'
import { defineKind } from '../../registry/kind.ts'
import { duplicate, invalidFor, invalidValue, required, tooLong } from '../validation/field-errors.ts'
import { checkQualifiedName } from '../validation/formats.ts'
import { validateMatchConditions } from './match-conditions.ts'
import {
  defaultMatchResources,
  validateMatchResources,
  validateParamKind,
  validateVariables,
} from './match-resources.ts'
import { policyColumns } from './policy-columns.ts'
import { validateChoice } from './webhooks.ts'

const failurePolicies = ['Fail', 'Ignore']
const reasons = ['Forbidden', 'Invalid', 'RequestEntityTooLarge', 'Unauthorized']
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
  requiresResourceVersion: true,
  columns: policyColumns('Validations', ({ spec }) => (spec.validations ?? []).length),
  default(object) {
    object.spec ??= {}
    object.spec.failurePolicy ??= 'Fail'
    defaultMatchResources(object.spec.matchConstraints)
  },
  validate: ({ metadata, spec }) => validatePolicy(metadata.name, spec, 'spec'),
  status: {},
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
  errors.push(...validateMatchConditions(spec.matchConditions ?? [], `${path}.matchConditions`))
  errors.push(...validateVariables(spec.variables ?? [], `${path}.variables`))
  if (validations.length === 0 && auditAnnotations.length === 0) {
    return [
      ...errors,
      required(`${path}.validations`, noRules),
      required(`${path}.auditAnnotations`, noRules),
    ]
  }
  errors.push(...validations.flatMap((rule, at) => validateValidation(rule, `${path}.validations[${at}]`)))
  return [...errors, ...validateAnnotations(auditAnnotations, name, `${path}.auditAnnotations`)]
}

function validateValidation(validation: Validation, path: string): FieldError[] {
  const { expression, message, messageExpression, reason } = validation
  const errors: FieldError[] = []
  if (!expression?.trim()) errors.push(required(`${path}.expression`, 'expression is not specified'))
  if (messageExpression && !messageExpression.trim()) {
    errors.push(
      invalidValue(`${path}.messageExpression`, messageExpression, 'must be non-empty if specified'),
    )
  }
  if (message && !message.trim()) {
    errors.push(invalidValue(`${path}.message`, message, 'message must be non-empty if specified'))
  } else if (message?.trim().includes('\n')) {
    errors.push(invalidValue(`${path}.message`, message, 'message must not contain line breaks'))
  } else if (!message && expression?.trim().includes('\n')) {
    const why = 'message must be specified if expression contains line breaks'
    errors.push(required(`${path}.message`, why))
  }
  return [...errors, ...validateChoice(reason, reasons, `${path}.reason`)]
}

function validateAnnotations(annotations: AuditAnnotation[], policyName: string, path: string): FieldError[] {
  const keys = new Set<string>()
  const errors: FieldError[] = []
  if (annotations.length > maxAnnotations) {
    errors.push(invalidValue(path, annotations, `must not have more than ${maxAnnotations} auditAnnotations`))
  }
  for (const [at, { key, valueExpression }] of annotations.entries()) {
    const where = `${path}[${at}]`
    const fullKey = `${policyName}/${key ?? ''}`
    errors.push(...invalidFor(`${where}.key`, fullKey, checkQualifiedName(fullKey)))
    if (!valueExpression?.trim()) {
      errors.push(required(`${where}.valueExpression`, 'valueExpression is not specified'))
    } else if (valueExpression.length > maxValueLength) {
      errors.push(tooLong(`${where}.valueExpression`, maxValueLength))
    }
    if (keys.has(key)) errors.push(duplicate(`${where}.key`, key))
    keys.add(key)
  }
  return errors
}
