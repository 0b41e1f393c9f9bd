import type {
  NamedRuleWithOperations,
  RuleWithOperations,
} from '../../api/generated/admissionregistration-v1.ts'
import type { FieldError } from '../../api/status.ts'
import { pathSegmentProblems } from '../../api/names.ts'
import { duplicate, invalidFor, invalidValue, notSupported, required } from '../../api/field-errors.ts'
import { repeats } from '../validation/repeats.ts'

const operations = ['*', 'CONNECT', 'CREATE', 'DELETE', 'UPDATE']
const scopes = ['*', 'Cluster', 'Namespaced']

/** Which operations on which resources (upstream: pkg/apis/admissionregistration/validation validateRuleWithOperations). */
export function validateRule(rule: RuleWithOperations, path: string): FieldError[] {
  const { operations: given = [], apiGroups = [], apiVersions = [], scope } = rule
  const errors = validateList(given, 'operations', `${path}.operations`)
  for (const [at, operation] of given.entries()) {
    if (!operations.includes(operation)) {
      errors.push(notSupported(`${path}.operations[${at}]`, operation, operations))
    }
  }
  errors.push(...validateList(apiGroups, 'API groups', `${path}.apiGroups`))
  errors.push(...validateList(apiVersions, 'API versions', `${path}.apiVersions`))
  for (const [at, version] of apiVersions.entries()) {
    if (version === '') errors.push(required(`${path}.apiVersions[${at}]`))
  }
  errors.push(...validateRuleResources(rule.resources ?? [], `${path}.resources`))
  if (scope !== undefined && !scopes.includes(scope))
    errors.push(notSupported(`${path}.scope`, scope, scopes))
  return errors
}

/** The same, for some names only. */
export function validateNamedRule(rule: NamedRuleWithOperations, path: string): FieldError[] {
  const { resourceNames: names = [] } = rule
  const repeated = repeats(names)
  const errors = names.flatMap((name, at) => {
    const where = `${path}.resourceNames[${at}]`
    const wrong = invalidFor(where, name, pathSegmentProblems(name))
    return repeated.has(at) ? [...wrong, duplicate(where, name)] : wrong
  })
  return [...errors, ...validateRule(rule, path)]
}

function validateList(values: string[], what: string, path: string): FieldError[] {
  if (values.length === 0) return [required(path)]
  if (values.length === 1 || !values.includes('*')) return []
  return [invalidValue(path, values, `if '*' is present, must not specify other ${what}`)]
}

function validateRuleResources(resources: string[], path: string): FieldError[] {
  const errors: FieldError[] = resources.length === 0 ? [required(path)] : []
  const withAllSubresources = new Set<string>()
  const ofAllResources = new Set<string>()
  for (const [at, text] of resources.entries()) {
    const where = `${path}[${at}]`
    if (text === '') errors.push(required(where))
    const slash = text.indexOf('/')
    if (slash < 0) continue
    const [resource, subresource] = [text.slice(0, slash), text.slice(slash + 1)]
    if (withAllSubresources.has(resource)) {
      errors.push(invalidValue(where, text, `if '${resource}/*' is present, must not specify ${text}`))
    }
    if (ofAllResources.has(subresource)) {
      errors.push(invalidValue(where, text, `if '*/${subresource}' is present, must not specify ${text}`))
    }
    if (subresource === '*') withAllSubresources.add(resource)
    if (resource === '*') ofAllResources.add(subresource)
  }
  if (resources.length > 1 && resources.includes('*/*')) {
    errors.push(invalidValue(path, resources, "if '*/*' is present, must not specify other resources"))
  }
  if (
    resources.includes('*') &&
    resources.some((text) => text !== '*' && text !== '' && !text.includes('/'))
  ) {
    const why = "if '*' is present, must not specify other resources without subresources"
    errors.push(invalidValue(path, resources, why))
  }
  return errors
}
