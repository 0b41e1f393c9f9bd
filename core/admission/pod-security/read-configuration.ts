import { dns1123LabelProblems, dns1123SubdomainProblems } from '../../api/names.ts'
import type { PodSecurityConfiguration } from './configuration.ts'
import { isLevel, levelProblem, modes, parseVersion, versionProblem, type Policy } from './policy.ts'

const apiVersion = 'pod-security.admission.config.k8s.io/v1'
const kind = 'PodSecurityConfiguration'

/**
 * Reads a PodSecurityConfiguration out of parsed YAML, with upstream's defaults. Throws an Error that names every field in
 * fault (upstream: pod-security-admission/admission/api/validation).
 */
export function readPodSecurityConfiguration(value: unknown): PodSecurityConfiguration {
  const given = recordOf(value, kind)
  if (given['apiVersion'] !== apiVersion || given['kind'] !== kind) {
    const found = `${String(given['apiVersion'])}, Kind=${String(given['kind'])}`
    throw new Error(
      `no kind "${kind}" is registered for version "${found}"; must be ${apiVersion}, Kind=${kind}`,
    )
  }
  const problems = unknownFields(given, ['apiVersion', 'kind', 'defaults', 'exemptions'], '')
  const defaults = readDefaults(recordOf(given['defaults'], 'defaults'), problems)
  const exemptions = recordOf(given['exemptions'], 'exemptions')
  problems.push(...unknownFields(exemptions, ['usernames', 'runtimeClasses', 'namespaces'], 'exemptions.'))
  const list = (name: string, check: (text: string) => string[]): string[] => {
    const texts = [exemptions[name] ?? []].flat().map(String)
    problems.push(...listProblems(texts, { path: `exemptions.${name}`, check }))
    return texts
  }
  const result: PodSecurityConfiguration = {
    defaults,
    exemptions: {
      namespaces: list('namespaces', dns1123LabelProblems),
      runtimeClasses: list('runtimeClasses', dns1123SubdomainProblems),
      usernames: list('usernames', (text) => (text === '' ? ['username must not be empty'] : [])),
    },
  }
  if (problems.length > 0) throw new Error(problems.join('; '))
  return result
}

function readDefaults(given: Record<string, unknown>, problems: string[]): Policy {
  problems.push(
    ...unknownFields(
      given,
      modes.flatMap((mode) => [mode, `${mode}-version`]),
      'defaults.',
    ),
  )
  const policy: Policy = {
    enforce: { level: 'privileged', version: 'latest' },
    audit: { level: 'privileged', version: 'latest' },
    warn: { level: 'privileged', version: 'latest' },
  }
  for (const mode of modes) {
    const level = String(given[mode] ?? 'privileged')
    if (isLevel(level)) policy[mode].level = level
    else problems.push(invalid(`defaults.${mode}`, level, levelProblem))
    const text = String(given[`${mode}-version`] ?? 'latest')
    const version = parseVersion(text)
    if (version === undefined) problems.push(invalid(`defaults.${mode}-version`, text, versionProblem))
    else policy[mode].version = version
  }
  return policy
}

function listProblems(
  texts: string[],
  { path, check }: { path: string; check: (text: string) => string[] },
): string[] {
  return texts.flatMap((text, at) => {
    const where = `${path}[${at}]`
    const problems = check(text)
    if (problems.length > 0) return [invalid(where, text, problems.join(', '))]
    return texts.indexOf(text) < at ? [`${where}: Duplicate value: ${JSON.stringify(text)}`] : []
  })
}

function invalid(field: string, value: string, why: string): string {
  return `${field}: Invalid value: ${JSON.stringify(value)}: ${why}`
}

function unknownFields(given: Record<string, unknown>, known: string[], path: string): string[] {
  return Object.keys(given)
    .filter((field) => !known.includes(field))
    .map((field) => `unknown field "${path}${field}"`)
}

function recordOf(value: unknown, what: string): Record<string, unknown> {
  if (value === undefined || value === null) return {}
  if (typeof value !== 'object' || Array.isArray(value)) throw new Error(`${what}: must be an object`)
  return value as Record<string, unknown>
}
