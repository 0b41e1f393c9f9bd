import { readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { parse } from 'yaml'
import { pluginChoiceProblems } from '../admission/plugin-names.ts'
import type { PodSecurityConfiguration } from '../admission/pod-security/configuration.ts'
import { readPodSecurityConfiguration } from '../admission/pod-security/read-configuration.ts'
import { UsageError } from './usage-error.ts'

/** Which admission plugins run, and by what rules. */
export interface AdmissionFlags {
  enabled: string[]
  disabled: string[]
  podSecurity?: PodSecurityConfiguration
}

/** For `parseArgs`. */
export const admissionFlags = {
  'enable-admission-plugins': { type: 'string', multiple: true },
  'disable-admission-plugins': { type: 'string', multiple: true },
  'admission-control-config-file': { type: 'string' },
} as const

export const admissionUsage = `  --enable-admission-plugins N,..., --disable-admission-plugins N,...
                        as kube-apiserver's: plugins beside the default ones, and plugins that do not run
  --admission-control-config-file F
                        what PodSecurity goes by (apiserver.config.k8s.io/v1 AdmissionConfiguration)
`

type Values = Record<string, string | boolean | string[] | undefined>

/** Reads the flags and the file. Undefined when none is given. Throws UsageError. */
export function readAdmissionFlags(values: Values): AdmissionFlags | undefined {
  const names = (flag: string): string[] =>
    [values[flag] ?? []]
      .flat()
      .flatMap((text) => String(text).split(','))
      .filter((name) => name !== '')
  const enabled = names('enable-admission-plugins')
  const disabled = names('disable-admission-plugins')
  const file = values['admission-control-config-file']
  if (enabled.length === 0 && disabled.length === 0 && file === undefined) return undefined
  const problems = pluginChoiceProblems({ enabled, disabled })
  if (problems.length > 0) throw new UsageError(problems.join('; '))
  if (typeof file !== 'string') return { enabled, disabled }
  try {
    return { enabled, disabled, ...readConfiguration(resolve(file)) }
  } catch (error) {
    throw new UsageError(`--admission-control-config-file "${file}": ${(error as Error).message}`)
  }
}

interface AdmissionConfiguration {
  apiVersion?: string
  kind?: string
  plugins?: Array<{ name?: string; path?: string; configuration?: unknown }>
}

/** The plugins' own configuration, in the file or beside it (upstream: apiserver/pkg/admission/config.go). */
function readConfiguration(file: string): { podSecurity?: PodSecurityConfiguration } {
  const given = parse(readFileSync(file, 'utf8')) as AdmissionConfiguration | null
  const { apiVersion = '', kind = '', plugins = [] } = given ?? {}
  if (apiVersion !== 'apiserver.config.k8s.io/v1' || kind !== 'AdmissionConfiguration') {
    throw new Error(
      `must be an AdmissionConfiguration of apiserver.config.k8s.io/v1, not ${apiVersion} ${kind}`,
    )
  }
  const found: { podSecurity?: PodSecurityConfiguration } = {}
  for (const [at, { name = '', path, configuration }] of plugins.entries()) {
    if (name !== 'PodSecurity') throw new Error(`plugins[${at}].name: "${name}" takes no configuration`)
    if (found.podSecurity) throw new Error(`plugins[${at}].name: Duplicate value: "${name}"`)
    const value: unknown =
      configuration ?? (path ? parse(readFileSync(resolve(dirname(file), path), 'utf8')) : undefined)
    if (value === undefined) continue
    try {
      found.podSecurity = readPodSecurityConfiguration(value)
    } catch (error) {
      throw new Error(`plugins[${at}] PodSecurity: ${(error as Error).message}`, { cause: error })
    }
  }
  return found
}
