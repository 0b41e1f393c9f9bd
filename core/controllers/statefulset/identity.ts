import type { StatefulSet } from '../../api/generated/apps-v1.ts'
import type { Pod, PodTemplateSpec } from '../../api/generated/core-v1.ts'
import { resources } from '../../api/resources.ts'
import { podFromTemplate } from '../kit/pod-from-template.ts'
import { claimName } from './claim-names.ts'

/** Labels of a StatefulSet's pods (upstream: api/apps/v1). */
const podNameLabel = 'statefulset.kubernetes.io/pod-name'
const podIndexLabel = 'apps.kubernetes.io/pod-index'
/** Holds the name of the pod's ControllerRevision. */
const revisionLabel = 'controller-revision-hash'

/** `spec.replicas`; the API server defaults it to 1. */
export function replicasOf(set: StatefulSet): number {
  return set.spec.replicas ?? 1
}

/** The lowest ordinal. */
export function startOrdinal(set: StatefulSet): number {
  return set.spec.ordinals?.start ?? 0
}

/** The ordinal at the end of a name `<set>-<ordinal>`; undefined when the pod is named otherwise. */
export function ordinalOf(set: StatefulSet, pod: Pod): number | undefined {
  const prefix = `${set.metadata.name}-`
  const { name } = pod.metadata
  const text = name.slice(prefix.length)
  return name.startsWith(prefix) && /^\d+$/.test(text) ? Number(text) : undefined
}

/** Whether the set, as large as it is to be, has a pod of this ordinal. */
export function isInRange(set: StatefulSet, ordinal: number): boolean {
  const start = startOrdinal(set)
  return ordinal >= start && ordinal < start + replicasOf(set)
}

/** The name of the ControllerRevision that the pod was made from. */
export function revisionOf(pod: Pod): string | undefined {
  return pod.metadata.labels?.[revisionLabel]
}

function identityLabels(name: string, ordinal: number): Record<string, string> {
  return { [podNameLabel]: name, [podIndexLabel]: String(ordinal) }
}

/** Those of the identity labels that the pod lacks or has wrong; empty when its identity is right. */
export function missingIdentity(pod: Pod, ordinal: number): Record<string, string> {
  const labels = Object.entries(identityLabels(pod.metadata.name, ordinal))
  return Object.fromEntries(labels.filter(([key, value]) => pod.metadata.labels?.[key] !== value))
}

/**
 * The pod of an ordinal with its stable name, host name and claims (upstream: newVersionedStatefulSetPod). It is not
 * created yet: it has no uid.
 */
export function newPod(
  set: StatefulSet,
  ordinal: number,
  { template, revision }: { template: PodTemplateSpec; revision: string },
): Pod {
  const pod = podFromTemplate(template, set, resources.statefulSets)
  const name = `${set.metadata.name}-${ordinal}`
  pod.metadata.name = name
  pod.metadata.labels = {
    ...pod.metadata.labels,
    ...identityLabels(name, ordinal),
    [revisionLabel]: revision,
  }
  pod.spec.hostname = name
  if (set.spec.serviceName) pod.spec.subdomain = set.spec.serviceName
  const claims = set.spec.volumeClaimTemplates ?? []
  if (claims.length > 0) {
    const claimed = new Set(claims.map(({ metadata }) => metadata.name))
    pod.spec.volumes = [
      ...claims.map(({ metadata }) => ({
        name: metadata.name,
        persistentVolumeClaim: { claimName: claimName(set, metadata.name, ordinal) },
      })),
      ...(pod.spec.volumes ?? []).filter((volume) => !claimed.has(volume.name)),
    ]
  }
  return pod
}
