import type { ResourceQuotaSpec, ScopedResourceSelectorRequirement } from '../../../api/generated/core-v1.ts'
import type { FieldError } from '../../../api/status.ts'
import { invalidValue, required } from '../../../api/field-errors.ts'
import { validateAmount } from '../pod/resources-validation.ts'
import { isQuotaResource, validateResourceName } from '../resource-names.ts'
import { quotaScopes, scopeFits } from './quota-resources.ts'

const conflicts = [
  ['BestEffort', 'NotBestEffort'],
  ['NotTerminating', 'Terminating'],
]
const existsOnly = [
  'BestEffort',
  'NotBestEffort',
  'Terminating',
  'NotTerminating',
  'CrossNamespacePodAffinity',
]
const existsOnlyMessage =
  "must be 'Exists' when scope is any of ResourceQuotaScopeTerminating, ResourceQuotaScopeNotTerminating, ResourceQuotaScopeBestEffort, ResourceQuotaScopeNotBestEffort or ResourceQuotaScopeCrossNamespacePodAffinity"

/** A quota's bounds and scopes (upstream: pkg/apis/core/validation ValidateResourceQuotaSpec). */
export function validateQuotaSpec(spec: ResourceQuotaSpec, path: string): FieldError[] {
  return [
    ...validateQuotaAmounts(spec.hard, `${path}.hard`),
    ...validateScopes(spec, `${path}.scopes`),
    ...validateScopeSelector(spec, `${path}.scopeSelector.matchExpressions`),
  ]
}

/** Amounts by resource, as in a quota's `hard` and `used`. */
export function validateQuotaAmounts(
  amounts: Record<string, string> | undefined,
  path: string,
): FieldError[] {
  return Object.entries(amounts ?? {}).flatMap(([name, quantity]) => {
    const where = `${path}[${name}]`
    const errors = validateResourceName(name, where)
    if (!name.includes('/') && !isQuotaResource(name)) {
      errors.push(invalidValue(where, name, 'must be a standard resource for quota'))
    }
    return [...errors, ...validateAmount(name, quantity, where)]
  })
}

function misfits({ hard = {} }: ResourceQuotaSpec, scope: string): string[] {
  return Object.keys(hard).filter((name) => isQuotaResource(name) && !scopeFits(scope, name))
}

function hasConflict(scopes: string[]): number {
  return conflicts.filter((pair) => pair.every((scope) => scopes.includes(scope))).length
}

function validateScopes(spec: ResourceQuotaSpec, path: string): FieldError[] {
  const { scopes = [] } = spec
  const refuse = (why: string): FieldError => invalidValue(path, scopes, why)
  return [
    ...scopes.flatMap((scope) => [
      ...(quotaScopes.includes(scope) ? [] : [refuse('unsupported scope')]),
      ...misfits(spec, scope).map(() => refuse('unsupported scope applied to resource')),
    ]),
    ...Array.from({ length: hasConflict(scopes) }, () => refuse('conflicting scopes')),
  ]
}

function validateScopeSelector(spec: ResourceQuotaSpec, path: string): FieldError[] {
  const expressions = spec.scopeSelector?.matchExpressions ?? []
  const shown = expressions.map(({ scopeName, operator, values = null }) => ({
    ScopeName: scopeName,
    Operator: operator,
    Values: values,
  }))
  const refuse = (why: string): FieldError => invalidValue(path, { MatchExpressions: shown }, why)
  const scopes = expressions.map(({ scopeName }) => scopeName)
  return [
    ...expressions.flatMap((requirement) => [
      ...validateRequirement(requirement, path),
      ...misfits(spec, requirement.scopeName).map(() => refuse('unsupported scope applied to resource')),
    ]),
    // Upstream shows the scopes of the other list here.
    ...Array.from({ length: hasConflict(scopes) }, () =>
      invalidValue(path, spec.scopes, 'conflicting scopes'),
    ),
  ]
}

function validateRequirement(requirement: ScopedResourceSelectorRequirement, path: string): FieldError[] {
  const { scopeName, operator, values = [] } = requirement
  const errors: FieldError[] = []
  if (!quotaScopes.includes(scopeName)) {
    errors.push(invalidValue(`${path}.scopeName`, scopeName, 'unsupported scope'))
  }
  if (existsOnly.includes(scopeName) && operator !== 'Exists') {
    errors.push(invalidValue(`${path}.operator`, operator, existsOnlyMessage))
  }
  if (operator === 'In' || operator === 'NotIn') {
    const why = "must be at least one value when `operator` is 'In' or 'NotIn' for scope selector"
    if (values.length === 0) errors.push(required(`${path}.values`, why))
  } else if (operator === 'Exists' || operator === 'DoesNotExist') {
    const why = "must be no value when `operator` is 'Exist' or 'DoesNotExist' for scope selector"
    if (values.length > 0) errors.push(invalidValue(`${path}.values`, values, why))
  } else {
    errors.push(invalidValue(`${path}.operator`, operator, 'not a valid selector operator'))
  }
  return errors
}
