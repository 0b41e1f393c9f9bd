import type { Check, PodCheck, PodFacts, Violation } from './check.ts'
import { standardChecks } from './checks/standard-checks.ts'
import type { LevelVersion } from './policy.ts'

/** The release whose text of the standards `latest`, and any later version, means. */
const newestMinor = 36

const prepared = new Map<string, PodCheck[]>()

/** What a pod does wrong by a level and version of the Pod Security Standards (upstream: policy/registry.go). */
export function violationsOf(pod: PodFacts, { level, version }: LevelVersion): Violation[] {
  if (level === 'privileged') return []
  const minor = version === 'latest' ? newestMinor : Math.min(version, newestMinor)
  const key = `${level}:${minor}`
  let checks = prepared.get(key)
  if (!checks) prepared.set(key, (checks = checksFor(level, minor)))
  return checks.map((check) => check(pod)).filter((violation) => violation !== undefined)
}

function checksFor(level: Check['level'], minor: number): PodCheck[] {
  const counting = standardChecks.flatMap((check) => {
    if (check.level === 'restricted' && level === 'baseline') return []
    const version = check.versions.findLast(({ since }) => since <= minor)
    return version ? [{ id: check.id, ...version }] : []
  })
  const overridden = new Set(counting.map(({ overrides }) => overrides))
  return counting.filter(({ id }) => !overridden.has(id)).map(({ check }) => check)
}

/** The rules that are broken: `host namespaces, privileged`. */
export function reasonsText(violations: Violation[]): string {
  return violations.map(({ reason }) => reason).join(', ')
}

/** The rules with what breaks them: `privileged (container "a" must not …)`. */
export function detailsText(violations: Violation[]): string {
  return violations.map(({ reason, detail }) => (detail ? `${reason} (${detail})` : reason)).join(', ')
}
