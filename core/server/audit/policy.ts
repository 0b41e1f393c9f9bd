import type { FieldError } from '../../api/status.ts'
import { invalidValue, notSupported, required } from '../../api/field-errors.ts'
import { parseYaml } from '../body/yaml.ts'

/** How much of a request is written down; each level has what the one before has. */
const levels = ['None', 'Metadata', 'Request', 'RequestResponse'] as const
export type AuditLevel = (typeof levels)[number]

/** Moments of a request at which an event may be written. */
const stages = ['RequestReceived', 'ResponseStarted', 'ResponseComplete', 'Panic'] as const
export type AuditStage = (typeof stages)[number]

/** One rule of a Policy (audit.k8s.io/v1 PolicyRule); absent lists match everything. */
export interface AuditRule {
  level: AuditLevel
  users?: string[]
  userGroups?: string[]
  verbs?: string[]
  resources?: { group?: string; resources?: string[]; resourceNames?: string[] }[]
  namespaces?: string[]
  nonResourceURLs?: string[]
  omitStages?: AuditStage[]
  omitManagedFields?: boolean
}

/** What is to be audited (audit.k8s.io/v1 Policy); the first rule that matches a request decides. */
export interface AuditPolicy {
  rules: AuditRule[]
  omitStages?: AuditStage[]
  omitManagedFields?: boolean
}

/**
 * Reads a policy from YAML or JSON text (upstream: audit/policy/reader.go, apis/audit/validation). Throws an Error that
 * names every field in fault.
 */
export function parseAuditPolicy(text: string): AuditPolicy {
  const value = parseYaml(text).value as Partial<AuditPolicy & { apiVersion: string; kind: string }> | null
  const { apiVersion = '', kind = '' } = value ?? {}
  if (apiVersion !== 'audit.k8s.io/v1' || kind !== 'Policy') {
    throw new Error(`unknown group version field ${apiVersion}, Kind=${kind} in policy`)
  }
  const policy = { ...value, rules: value?.rules ?? [] }
  const errors = [
    ...checkStages(policy.omitStages, 'omitStages'),
    ...policy.rules.flatMap((rule, at) => checkRule(rule, `rules[${at}]`)),
  ]
  if (errors.length > 0)
    throw new Error(errors.map(({ field, message }) => `${field}: ${message}`).join('; '))
  if (policy.rules.length === 0) throw new Error('loaded illegal policy with 0 rules')
  return policy
}

function checkRule(rule: AuditRule, path: string): FieldError[] {
  const { nonResourceURLs: urls = [], resources = [], namespaces = [] } = rule
  const errors = [
    ...checkLevel(rule.level, `${path}.level`),
    ...urls.flatMap((url, at) => checkUrl(url, `${path}.nonResourceURLs[${at}]`)),
    ...resources.flatMap((group) => checkResources(group, `${path}.resources`)),
    ...checkStages(rule.omitStages, `${path}.omitStages`),
  ]
  if (urls.length > 0 && (resources.length > 0 || namespaces.length > 0)) {
    const why = 'rules cannot apply to both regular resources and non-resource URLs'
    errors.push(invalidValue(`${path}.nonResourceURLs`, urls, why))
  }
  return errors
}

function checkLevel(level: AuditLevel | undefined, field: string): FieldError[] {
  if (!level) return [required(field)]
  return levels.includes(level) ? [] : [notSupported(field, level, levels)]
}

function checkUrl(url: string, field: string): FieldError[] {
  if (url === '*') return []
  const errors: FieldError[] = []
  if (!url.startsWith('/')) {
    errors.push(invalidValue(field, url, "non-resource URL rules must begin with a '/' character"))
  }
  if (url.slice(0, -1).includes('*')) {
    errors.push(
      invalidValue(field, url, "non-resource URL wildcards '*' must be the final character of the rule"),
    )
  }
  return errors
}

function checkResources(
  { group = '', resources = [], resourceNames = [] }: NonNullable<AuditRule['resources']>[number],
  path: string,
): FieldError[] {
  const errors: FieldError[] = []
  if (
    group !== '' &&
    group !== '*' &&
    !/^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/.test(group)
  ) {
    errors.push(invalidValue(`${path}.group`, group, 'must be a lowercase RFC 1123 subdomain'))
  }
  if (resourceNames.length > 0 && resources.length === 0) {
    const why = 'using resourceNames requires at least one resource'
    errors.push(invalidValue(`${path}.resourceNames`, resourceNames, why))
  }
  return errors
}

function checkStages(given: AuditStage[] = [], path: string): FieldError[] {
  return given.flatMap((stage, at) =>
    stages.includes(stage)
      ? []
      : [invalidValue(`${path}[${at}]`, stage, `allowed stages are ${stages.join(',')}`)],
  )
}
