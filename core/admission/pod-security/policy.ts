import type { FieldError } from '../../api/status.ts'
import { invalidValue } from '../../api/field-errors.ts'

/** How strict a Pod Security Standard is. */
export type Level = 'privileged' | 'baseline' | 'restricted'

/** A level with the release whose text of the standard counts: the minor of `v1.x`, or the newest. */
export interface LevelVersion {
  level: Level
  version: number | 'latest'
}

/** What a namespace asks for: what is refused, what is noted in the audit log, what is warned of. */
export interface Policy {
  enforce: LevelVersion
  audit: LevelVersion
  warn: LevelVersion
}

export const labelPrefix = 'pod-security.kubernetes.io/'

const levels: readonly Level[] = ['privileged', 'baseline', 'restricted']
const versionPattern = /^v1\.(0|[1-9]\d*)$/
/** The three things a policy says. */
export const modes = ['enforce', 'audit', 'warn'] as const

/** What is said of a level and of a version that are none. */
export const levelProblem = `must be one of ${levels.join(', ')}`
export const versionProblem = 'must be "latest" or "v1.x"'

/** Negative when `a` asks less of pods than `b`, positive when more. */
export function compareLevels(a: Level, b: Level): number {
  return levels.indexOf(a) - levels.indexOf(b)
}

/** `restricted:latest`, `baseline:v1.24`. */
export function formatLevelVersion({ level, version }: LevelVersion): string {
  return `${level}:${version === 'latest' ? version : `v1.${version}`}`
}

/** Whether both ask the same of every pod. */
export function isSameLevelVersion(a: LevelVersion, b: LevelVersion): boolean {
  return a.level === b.level && a.version === b.version
}

/** Whether both policies come to the same, whatever version of "no rule" they name. */
export function isEquivalent(a: Policy, b: Policy): boolean {
  return modes.every(
    (mode) =>
      isSameLevelVersion(a[mode], b[mode]) ||
      (a[mode].level === 'privileged' && b[mode].level === 'privileged'),
  )
}

/** Whether the policy asks nothing of any pod. */
export function isFullyPrivileged(policy: Policy): boolean {
  return modes.every((mode) => policy[mode].level === 'privileged')
}

/** Whether a text names a level. */
export function isLevel(text: string): text is Level {
  return levels.some((level) => level === text)
}

/** `latest` or the minor of `v1.x`; undefined for any other text. */
export function parseVersion(text: string): LevelVersion['version'] | undefined {
  if (text === 'latest') return text
  const minor = versionPattern.exec(text)?.[1]
  return minor === undefined ? undefined : Number(minor)
}

/**
 * The policy that a namespace's labels ask for, and what is wrong with them (upstream: pod-security-admission/api
 * PolicyToEvaluate). A level that cannot be read enforces the strictest, and warns of and audits nothing; warnings
 * follow enforcement unless the labels say otherwise.
 */
export function policyOf(
  labels: Record<string, string> | undefined,
  defaults: Policy,
): { policy: Policy; errors: FieldError[] } {
  const errors: FieldError[] = []
  if (!labels) return { policy: defaults, errors }
  const policy: Policy = {
    enforce: { ...defaults.enforce },
    audit: { ...defaults.audit },
    warn: { ...defaults.warn },
  }
  for (const mode of modes) {
    const level = labels[labelPrefix + mode]
    if (level !== undefined) {
      if (!isLevel(level)) errors.push(labelError(mode, level, levelProblem))
      policy[mode].level = isLevel(level) ? level : mode === 'enforce' ? 'restricted' : 'privileged'
    }
    const version = labels[`${labelPrefix}${mode}-version`]
    if (version === undefined) continue
    const parsed = parseVersion(version)
    if (parsed === undefined) errors.push(labelError(`${mode}-version`, version, versionProblem))
    policy[mode].version = parsed ?? 'latest'
  }
  followEnforcement(policy, labels)
  return { policy, errors }
}

function followEnforcement(policy: Policy, labels: Record<string, string>): void {
  if (labels[`${labelPrefix}warn`] !== undefined || !isLevel(labels[`${labelPrefix}enforce`] ?? '')) return
  if (compareLevels(policy.enforce.level, policy.warn.level) <= 0) return
  policy.warn.level = policy.enforce.level
  if (labels[`${labelPrefix}warn-version`] === undefined) policy.warn.version = policy.enforce.version
}

function labelError(label: string, value: string, why: string): FieldError {
  return invalidValue(`metadata.labels[${labelPrefix}${label}]`, value, why)
}
