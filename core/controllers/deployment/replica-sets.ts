import type { Deployment, ReplicaSet } from '../../api/generated/apps-v1.ts'
import type { PodTemplateSpec } from '../../api/generated/core-v1.ts'
import { canonicalJson, fnv32a, safeEncode } from '../kit/safe-encode.ts'

export const templateHashLabel = 'pod-template-hash'

/** A pod template's hash in the safe alphabet; `collisionCount` makes another one after a name clash. */
export function templateHash(template: PodTemplateSpec, collisionCount: number | undefined): string {
  const text = canonicalJson(template) + (collisionCount === undefined ? '' : `#${collisionCount}`)
  return safeEncode(String(fnv32a(text)))
}

/** A template's identity, whatever its hash label. */
function templateText(template: PodTemplateSpec | undefined): string {
  const labels = { ...template?.metadata?.labels }
  delete labels[templateHashLabel]
  return canonicalJson({ ...template, metadata: { ...template?.metadata, labels } })
}

/** Whether the set has the deployment's template (upstream: EqualIgnoreHash). */
export function hasTemplate(set: ReplicaSet, template: PodTemplateSpec): boolean {
  return templateText(set.spec.template) === templateText(template)
}

function createdAt(set: ReplicaSet): string {
  return set.metadata.creationTimestamp ?? ''
}

/** Oldest first; the name breaks ties. */
export function byAge(a: ReplicaSet, b: ReplicaSet): number {
  if (createdAt(a) === createdAt(b)) return a.metadata.name < b.metadata.name ? -1 : 1
  return createdAt(a) < createdAt(b) ? -1 : 1
}

/** The set with the deployment's template; of several the oldest (upstream: FindNewReplicaSet). */
export function findNewSet(deployment: Deployment, sets: ReplicaSet[]): ReplicaSet | undefined {
  const wanted = templateText(deployment.spec.template)
  return [...sets].sort(byAge).find((set) => templateText(set.spec.template) === wanted)
}
