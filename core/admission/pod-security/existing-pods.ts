import type { Pod } from '../../api/generated/core-v1.ts'
import { controllerOf } from '../../api/meta.ts'
import type { Clock } from '../../util/clock.ts'
import { factsOf } from './check.ts'
import { reasonsText, violationsOf } from './evaluate.ts'
import { formatLevelVersion, type LevelVersion } from './policy.ts'

/** How many pods, and for how long, a change of labels looks at. */
const maxPods = 3000
const maxMs = 1000

export interface NamespacePods {
  namespace: string
  /** Without those that are exempt. */
  pods: Pod[]
}

/**
 * The warnings for a namespace that is to enforce more than before: which of its pods could not be made any more,
 * grouped by what they do wrong (upstream: admission.go EvaluatePodsInNamespace).
 */
export function warnOfExistingPods(
  { namespace, pods }: NamespacePods,
  enforce: LevelVersion,
  clock: Clock,
): string[] {
  const groups = new Map<string, string[]>()
  const deadline = clock.now() + maxMs
  let checked = 0
  for (const { metadata, spec } of oneOfEachControllerFirst(pods).slice(0, maxPods)) {
    checked++
    const reasons = reasonsText(violationsOf(factsOf(metadata.annotations, spec), enforce))
    if (reasons) groups.set(reasons, [...(groups.get(reasons) ?? []), metadata.name])
    if (clock.now() > deadline) break
  }
  const warnings: string[] = []
  if (checked < pods.length) {
    warnings.push(
      `new PodSecurity enforce level only checked against the first ${checked} of ${pods.length} existing pods`,
    )
  }
  if (groups.size > 0) {
    const policy = formatLevelVersion(enforce)
    warnings.push(
      `existing pods in namespace "${namespace}" violate the new PodSecurity enforce level "${policy}"`,
    )
  }
  return [...warnings, ...[...groups].map(([reasons, names]) => groupText(names, reasons)).sort()]
}

function groupText(names: string[], reasons: string): string {
  const first = names.toSorted()[0]!
  const others = names.length - 1
  if (others === 0) return `${first}: ${reasons}`
  return `${first} (and ${others} other ${others === 1 ? 'pod' : 'pods'}): ${reasons}`
}

/** Pods of one controller are alike: one of each says the most where not all can be looked at. */
function oneOfEachControllerFirst(pods: Pod[]): Pod[] {
  const seen = new Set<string>()
  const first: Pod[] = []
  const alike: Pod[] = []
  for (const pod of pods) {
    const uid = controllerOf(pod)?.uid
    if (uid !== undefined && seen.has(uid)) alike.push(pod)
    else first.push(pod)
    if (uid !== undefined) seen.add(uid)
  }
  return [...first, ...alike]
}
