import type { StatefulSet } from '../../api/generated/apps-v1.ts'
import type { PodTemplateSpec } from '../../api/generated/core-v1.ts'
import type { KubeObject } from '../../api/meta.ts'
import { templateWarnings } from '../core/pod/warnings.ts'
import { warnOfClaimSpec } from '../core/volumes/claim-warnings.ts'
import { checkDns1123Label } from '../validation/formats.ts'

type Workload = KubeObject & { spec: { template?: PodTemplateSpec } }

/**
 * What a workload is accepted with but should not have: a name that makes no host name, and what its pods should not have
 * (upstream: the strategies' WarningsOnCreate and WarningsOnUpdate). A change that leaves the spec alone warns of nothing.
 */
export function workloadWarnings(object: Workload, old: Workload | undefined): string[] {
  return [...(old ? [] : warnOfName(object.metadata.name)), ...podWarningsOf(object, old)]
}

/** The same without the name, for a workload whose pods' names are no host names, or are meant to be. */
export function podWarningsOf(object: Workload, old: Workload | undefined): string[] {
  return isUnchanged(object, old) ? [] : templateWarnings(object.spec.template, 'spec.template')
}

/** What a StatefulSet is accepted with but should not have. */
export function statefulSetWarnings(object: StatefulSet, old: StatefulSet | undefined): string[] {
  const { spec } = object
  // Upstream's path differs where the object is changed.
  const rest = old ? '.Spec' : ''
  return [
    ...podWarningsOf(object, old),
    ...(spec.volumeClaimTemplates ?? []).flatMap((claim, at) =>
      warnOfClaimSpec(claim.spec, `spec.volumeClaimTemplates[${at}]${rest}`),
    ),
    ...((spec.revisionHistoryLimit ?? 0) < 0
      ? [
          'spec.revisionHistoryLimit: a negative value retains all historical revisions; a value >= 0 is recommended',
        ]
      : []),
  ]
}

/** Whether a change leaves the spec alone. */
export function isUnchanged({ metadata }: KubeObject, old: KubeObject | undefined): boolean {
  return old !== undefined && metadata.generation === old.metadata.generation
}

/** A name that pods' names and host names are made of should be a label. */
export function warnOfName(name: string): string[] {
  const problems = checkDns1123Label(name)
  if (problems.length === 0) return []
  return [
    `metadata.name: this is used in Pod names and hostnames, which can result in surprising behavior; a DNS label is recommended: [${problems.join(' ')}]`,
  ]
}
