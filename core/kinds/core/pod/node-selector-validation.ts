import type {
  NodeSelector,
  NodeSelectorRequirement,
  NodeSelectorTerm,
} from '../../../api/generated/core-v1.ts'
import type { FieldError } from '../../../api/status.ts'
import { forbiddenField, invalidFor, invalidValue, required } from '../../../api/field-errors.ts'
import { checkDns1123Subdomain, checkLabelValue, checkQualifiedName } from '../../validation/formats.ts'

const noOperator = 'not a valid selector operator'

/** Alternatives of which a node must meet one (upstream: validation.go ValidateNodeSelector). */
export function validateNodeSelector(selector: NodeSelector, path: string): FieldError[] {
  const terms = selector.nodeSelectorTerms ?? []
  const where = `${path}.nodeSelectorTerms`
  if (terms.length === 0) return [required(where, 'must have at least one node selector term')]
  return terms.flatMap((term, at) => validateNodeTerm(term, `${where}[${at}]`))
}

/**
 * One alternative of a node selector. A mere preference may ask for labels that no node can have (`allowsAnyValue`), as
 * upstream.
 */
export function validateNodeTerm(
  term: NodeSelectorTerm | undefined,
  path: string,
  allowsAnyValue = false,
): FieldError[] {
  return [
    ...(term?.matchExpressions ?? []).flatMap((requirement, at) => {
      const where = `${path}.matchExpressions[${at}]`
      const errors = validateLabelRequirement(requirement, where)
      return allowsAnyValue ? errors : [...errors, ...validateValues(requirement, where, checkLabelValue)]
    }),
    ...(term?.matchFields ?? []).flatMap((requirement, at) =>
      validateFieldRequirement(requirement, `${path}.matchFields[${at}]`),
    ),
  ]
}

function validateValues(
  { values = [] }: NodeSelectorRequirement,
  path: string,
  check: (value: string) => string[],
): FieldError[] {
  return values.flatMap((value, at) => invalidFor(`${path}.values[${at}]`, value, check(value)))
}

function validateLabelRequirement(
  { key = '', operator, values = [] }: NodeSelectorRequirement,
  path: string,
): FieldError[] {
  const errors: FieldError[] = []
  const where = `${path}.values`
  if (operator === 'In' || operator === 'NotIn') {
    if (values.length === 0) {
      errors.push(required(where, "must be specified when `operator` is 'In' or 'NotIn'"))
    }
  } else if (operator === 'Exists' || operator === 'DoesNotExist') {
    if (values.length > 0) {
      const why = "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"
      errors.push(forbiddenField(where, why))
    }
  } else if (operator === 'Gt' || operator === 'Lt') {
    if (values.length !== 1) {
      errors.push(required(where, "must be specified single value when `operator` is 'Lt' or 'Gt'"))
    }
  } else errors.push(invalidValue(`${path}.operator`, operator ?? '', noOperator))
  return [...errors, ...invalidFor(`${path}.key`, key, checkQualifiedName(key))]
}

/** Of a node's fields only its name can be asked for. */
function validateFieldRequirement(requirement: NodeSelectorRequirement, path: string): FieldError[] {
  const { key = '', operator, values = [] } = requirement
  const errors: FieldError[] = []
  if (operator !== 'In' && operator !== 'NotIn') {
    errors.push(invalidValue(`${path}.operator`, operator ?? '', noOperator))
  } else if (values.length !== 1) {
    const why = "must be only one value when `operator` is 'In' or 'NotIn' for node field selector"
    errors.push(required(`${path}.values`, why))
  }
  if (key !== 'metadata.name') {
    return [...errors, invalidValue(`${path}.key`, key, 'not a valid field selector key')]
  }
  return [...errors, ...validateValues(requirement, path, checkDns1123Subdomain)]
}

/** A term as upstream's messages show it: a Go structure. */
export function shownNodeTerm({ matchExpressions, matchFields }: NodeSelectorTerm): unknown {
  const shown = (list: NodeSelectorTerm['matchFields']): unknown =>
    list?.map(({ key, operator, values = null }) => ({ Key: key, Operator: operator, Values: values })) ??
    null
  return { MatchExpressions: shown(matchExpressions), MatchFields: shown(matchFields) }
}
