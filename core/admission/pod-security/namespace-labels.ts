import type { Namespace, Pod } from '../../api/generated/core-v1.ts'
import type { AdmissionAttributes } from '../../api/request.ts'
import { resources } from '../../api/resources.ts'
import { invalid } from '../../api/status.ts'
import type { Clock } from '../../util/clock.ts'
import type { AdmissionReader } from '../admission-reader.ts'
import type { PodSecurityConfiguration } from './configuration.ts'
import { warnOfExistingPods } from './existing-pods.ts'
import {
  compareLevels,
  formatLevelVersion,
  isEquivalent,
  isFullyPrivileged,
  isSameLevelVersion,
  labelPrefix,
  policyOf,
  type Policy,
} from './policy.ts'

interface Means {
  reader: AdmissionReader
  clock: Clock
  configuration: PodSecurityConfiguration
}

/**
 * Refuses labels that name no level or version, unless they were there before, and warns of the pods that a stricter
 * level would not let in (upstream: admission.go ValidateNamespace). A promise only where pods have to be read.
 */
export function judgeNamespace(attributes: AdmissionAttributes, means: Means): Promise<void> | undefined {
  const { object, oldObject, name, context } = attributes
  const { labels } = (object as Namespace).metadata
  const old = oldObject?.metadata.labels
  if (oldObject && labels === old) return undefined
  const { defaults, exemptions } = means.configuration
  const next = policyOf(labels, defaults)
  const before = oldObject && policyOf(old, defaults)
  const isKnown = before && JSON.stringify(before.errors) === JSON.stringify(next.errors)
  if (next.errors.length > 0 && !isKnown) throw invalid({ group: '', kind: 'Namespace' }, name, next.errors)
  if (before && !asksForMore(next.policy, before.policy)) return undefined
  if (exemptions.namespaces.includes(name)) {
    const warning = exemptionWarning(next.policy, { name, labels: labels ?? {}, defaults })
    if (warning) context.warn(warning)
    return undefined
  }
  return before && warnOfPods(attributes, next.policy, means)
}

function asksForMore({ enforce: next }: Policy, { enforce: before }: Policy): boolean {
  if (isSameLevelVersion(next, before) || next.level === 'privileged') return false
  return next.version !== before.version || compareLevels(next.level, before.level) > 0
}

async function warnOfPods(attributes: AdmissionAttributes, policy: Policy, means: Means): Promise<void> {
  const { name, context } = attributes
  const { runtimeClasses } = means.configuration.exemptions
  let pods: Pod[]
  try {
    pods = (await means.reader.list(resources.pods, { namespace: name })).items
  } catch {
    context.warn('failed to list pods while checking new PodSecurity enforce level')
    return
  }
  const concerned = pods.filter(({ spec }) => !runtimeClasses.includes(spec.runtimeClassName ?? ''))
  const listed = { namespace: name, pods: concerned }
  for (const text of warnOfExistingPods(listed, policy.enforce, means.clock)) context.warn(text)
}

function exemptionWarning(
  policy: Policy,
  { name, labels, defaults }: { name: string; labels: Record<string, string>; defaults: Policy },
): string | undefined {
  if (isFullyPrivileged(policy) || isEquivalent(policy, defaults)) return undefined
  const modes = (['enforce', 'audit', 'warn'] as const).filter(
    (mode) =>
      policy[mode].level !== 'privileged' &&
      (labels[labelPrefix + mode] !== undefined || labels[`${labelPrefix}${mode}-version`] !== undefined),
  )
  const texts = modes.map((mode) => `${mode}=${formatLevelVersion(policy[mode])}`)
  return `namespace "${name}" is exempt from Pod Security, and the policy (${texts.join(', ')}) will be ignored`
}
