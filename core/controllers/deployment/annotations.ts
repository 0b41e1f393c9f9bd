import type { Deployment, ReplicaSet } from '../../api/generated/apps-v1.ts'

/** Annotations the deployment controller keeps (upstream: pkg/controller/deployment/util/deployment_util.go). */
export const revisionAnnotation = 'deployment.kubernetes.io/revision'
const revisionHistoryAnnotation = 'deployment.kubernetes.io/revision-history'
export const desiredReplicasAnnotation = 'deployment.kubernetes.io/desired-replicas'
export const maxReplicasAnnotation = 'deployment.kubernetes.io/max-replicas'

/** Those that a ReplicaSet does not take over from its Deployment. */
const ownAnnotations = new Set([
  'kubectl.kubernetes.io/last-applied-configuration',
  revisionAnnotation,
  revisionHistoryAnnotation,
  desiredReplicasAnnotation,
  maxReplicasAnnotation,
  'deprecated.deployment.rollback.to',
])

/** The revision number of a ReplicaSet or Deployment, 64 bits as upstream's; 0n when it has none or no number. */
export function revisionOf(object: Deployment | ReplicaSet): bigint {
  const text = object.metadata.annotations?.[revisionAnnotation] ?? ''
  return /^[+-]?\d{1,19}$/.test(text) ? BigInt(text) : 0n
}

/** One more than the highest revision of these. */
export function nextRevision(sets: readonly ReplicaSet[]): bigint {
  return (
    sets.map(revisionOf).reduce((highest, revision) => (revision > highest ? revision : highest), 0n) + 1n
  )
}

/** A number kept as an annotation. */
export function numberAnnotation(set: ReplicaSet, name: string): number | undefined {
  const text = set.metadata.annotations?.[name]
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : undefined
}

/** The annotations a ReplicaSet takes over from its Deployment. */
function inheritedAnnotations(deployment: Deployment): Record<string, string> {
  const entries = Object.entries(deployment.metadata.annotations ?? {})
  return Object.fromEntries(entries.filter(([key]) => !ownAnnotations.has(key)))
}

/** The annotations of the new ReplicaSet at `revision`; an older revision of its own joins the history. */
export function annotationsForNew(
  deployment: Deployment,
  existing: ReplicaSet | undefined,
  revision: bigint,
): Record<string, string> {
  const old = existing?.metadata.annotations ?? {}
  const next: Record<string, string> = { ...old, ...inheritedAnnotations(deployment) }
  const current = existing ? revisionOf(existing) : 0n
  if (current < revision) {
    next[revisionAnnotation] = String(revision)
    if (current > 0n) {
      const history = old[revisionHistoryAnnotation]
      next[revisionHistoryAnnotation] = history ? `${history},${current}` : String(current)
    }
  }
  return next
}

/** With the size annotations that proportional scaling works from. */
export function withReplicaAnnotations(
  annotations: Record<string, string> | undefined,
  desired: number,
  max: number,
): Record<string, string> {
  return {
    ...annotations,
    [desiredReplicasAnnotation]: String(desired),
    [maxReplicasAnnotation]: String(max),
  }
}
