import type { MatchResources, ParamKind } from '../../api/generated/admissionregistration-v1.ts'
import type { FieldError } from '../../api/status.ts'
import { invalidValue, notSupported, required } from '../../api/field-errors.ts'
import { checkDns1035Label, checkDns1123Subdomain } from '../validation/formats.ts'
import { validateLabelSelector } from '../validation/label-selector.ts'
import { validateNamedRule } from './rule-validation.ts'
import { defaultRules } from './webhooks.ts'

const matchPolicies = ['Equivalent', 'Exact']

/** Defaults of what a policy or binding is about. */
export function defaultMatchResources(match: MatchResources | undefined): void {
  if (!match) return
  match.matchPolicy ??= 'Equivalent'
  match.namespaceSelector ??= {}
  match.objectSelector ??= {}
  defaultRules(match.resourceRules)
  defaultRules(match.excludeResourceRules)
}

/** What a policy or binding is about (upstream: validateMatchResources). */
export function validateMatchResources(match: MatchResources | undefined, path: string): FieldError[] {
  if (!match) return []
  const { matchPolicy, resourceRules = [], excludeResourceRules = [] } = match
  const errors: FieldError[] = []
  if (matchPolicy === undefined) errors.push(required(`${path}.matchPolicy`))
  else if (!matchPolicies.includes(matchPolicy)) {
    errors.push(notSupported(`${path}.matchPolicy`, matchPolicy, matchPolicies))
  }
  return [
    ...errors,
    ...validateLabelSelector(match.namespaceSelector, `${path}.namespaceSelector`),
    ...validateLabelSelector(match.objectSelector, `${path}.objectSelector`),
    ...resourceRules.flatMap((rule, at) => validateNamedRule(rule, `${path}.resourceRules[${at}]`)),
    ...excludeResourceRules.flatMap((rule, at) =>
      validateNamedRule(rule, `${path}.excludeResourceRules[${at}]`),
    ),
  ]
}

/** The kind of a policy's parameters: `apiVersion` and `kind` of some resource. */
export function validateParamKind({ apiVersion, kind }: ParamKind, path: string): FieldError[] {
  const errors = apiVersion
    ? validateApiVersion(apiVersion, `${path}.apiVersion`)
    : [required(`${path}.apiVersion`)]
  if (!kind) return [...errors, required(`${path}.kind`)]
  const problems = checkDns1035Label(kind.toLowerCase())
  if (problems.length === 0) return errors
  const why = `may have mixed case, but should otherwise match: ${problems.join(',')}`
  return [...errors, invalidValue(`${path}.kind`, kind, why)]
}

function validateApiVersion(text: string, path: string): FieldError[] {
  const parts = text.split('/')
  if (parts.length > 2) return [invalidValue(path, text, `unexpected GroupVersion string: ${text}`)]
  const version = parts.at(-1)!
  const group = parts.length === 2 ? parts[0]! : ''
  const groupProblems = group === '' ? [] : checkDns1123Subdomain(group)
  const errors = groupProblems.length > 0 ? [invalidValue(path, group, groupProblems.join(','))] : []
  if (version === '') return [...errors, invalidValue(path, text, 'version must be specified')]
  const problems = checkDns1035Label(version)
  return problems.length > 0 ? [...errors, invalidValue(path, version, problems.join(','))] : errors
}
