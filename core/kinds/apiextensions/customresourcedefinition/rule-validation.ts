import type { FieldError } from '../../../api/status.ts'
import { invalidValue, notSupported, required } from '../../../api/field-errors.ts'
import { normalizeFieldPath } from '../../../registry/schema/structural/rules/field-path.ts'
import type { Schema, ValidationRule } from '../../../registry/schema/schema.ts'
import type { CrdSchema } from './crd.ts'

const reasons = ['FieldValueDuplicate', 'FieldValueForbidden', 'FieldValueInvalid', 'FieldValueRequired']

/** The form of x-kubernetes-validations; rule-expressions.ts compiles the expressions. */
export function validateRules(schema: CrdSchema, path: string): FieldError[] {
  return (schema['x-kubernetes-validations'] ?? []).flatMap((rule, index) =>
    validateRule(rule, schema, `${path}.x-kubernetes-validations[${index}]`),
  )
}

const hasLineBreak = (text: string): boolean => /[\r\n]/.test(text)

function validateRule(given: ValidationRule, schema: CrdSchema, path: string): FieldError[] {
  const { rule = '', message = '', messageExpression = '', reason, fieldPath = '' } = given
  const errors: FieldError[] = []
  if (rule.trim() === '') errors.push(required(`${path}.rule`, 'rule is not specified'))
  else if (message !== '' && message.trim() === '')
    errors.push(invalidValue(`${path}.message`, message, 'must be non-empty if specified'))
  else if (hasLineBreak(message.trim()))
    errors.push(invalidValue(`${path}.message`, message, 'must not contain line breaks'))
  else if (hasLineBreak(rule.trim()) && message.trim() === '')
    errors.push(required(`${path}.message`, 'message must be specified if rule contains line breaks'))
  if (messageExpression !== '' && messageExpression.trim() === '') {
    const why = 'messageExpression must be non-empty if specified'
    errors.push(required(`${path}.messageExpression`, why))
  }
  if (reason !== undefined && !reasons.includes(reason))
    errors.push(notSupported(`${path}.reason`, reason, reasons))
  if (fieldPath !== '' && fieldPath.trim() === '')
    errors.push(invalidValue(`${path}.fieldPath`, fieldPath, 'must be non-empty if specified'))
  if (hasLineBreak(fieldPath))
    errors.push(invalidValue(`${path}.fieldPath`, fieldPath, 'must not contain line breaks'))
  if (fieldPath !== '' && normalizeFieldPath(fieldPath, schema as Schema) === undefined)
    errors.push(invalidValue(`${path}.fieldPath`, fieldPath, 'must be a valid path'))
  return errors
}
