import type { Deployment, ReplicaSet } from '../../core/api/generated/apps-v1.ts'
import { isControlledBy } from '../../core/api/meta.ts'
import { resources } from '../../core/api/resources.ts'
import { formatRequirements, requirementsOf } from '../../core/api/selectors.ts'
import { failure } from '../../core/api/status.ts'
import type { KubeClient, ObjectRef } from '../client/kube-client.ts'

const revisionAnnotation = 'deployment.kubernetes.io/revision'

/** Annotations that are about the Deployment as it is now; the others belong to what is rolled out, such as its cause. */
const ownAnnotations = new Set([
  'kubectl.kubernetes.io/last-applied-configuration',
  revisionAnnotation,
  'deployment.kubernetes.io/revision-history',
  'deployment.kubernetes.io/desired-replicas',
  'deployment.kubernetes.io/max-replicas',
  'deprecated.deployment.rollback.to',
])

function annotationsFor(deployment: Deployment, target: ReplicaSet): Record<string, string> {
  const entries = (object: Deployment | ReplicaSet): [string, string][] =>
    Object.entries(object.metadata.annotations ?? {})
  return Object.fromEntries([
    ...entries(deployment).filter(([name]) => ownAnnotations.has(name)),
    ...entries(target).filter(([name]) => !ownAnnotations.has(name)),
  ])
}

/** The revision a Deployment or ReplicaSet is at; 0 when it says none. */
export function revisionOf(object: Deployment | ReplicaSet): number {
  return Number(object.metadata.annotations?.[revisionAnnotation] ?? 0)
}

/** The Deployment's own ReplicaSets, newest revision first. */
export function revisionsOf(deployment: Deployment, replicaSets: ReplicaSet[]): ReplicaSet[] {
  return replicaSets
    .filter((replicaSet) => isControlledBy(replicaSet, deployment))
    .sort((a, b) => revisionOf(b) - revisionOf(a))
}

/**
 * Puts the pod template and the annotations of an earlier revision back, as `kubectl rollout undo` does (upstream:
 * kubectl/pkg/polymorphichelpers/rollback.go). Throws StatusError when there is no such revision.
 */
export async function undoRollout(kube: KubeClient, ref: ObjectRef, revision?: number): Promise<void> {
  const deployment = await kube.get<Deployment>(resources.deployments, ref)
  if (deployment.spec.paused)
    throw failure(
      400,
      'BadRequest',
      `you cannot rollback a paused deployment; resume it first with kubectl rollout resume deployment/${ref.name} and try again`,
    )
  const list = await kube.list<ReplicaSet>(resources.replicaSets, {
    namespace: ref.namespace,
    query: { labelSelector: formatRequirements(requirementsOf(deployment.spec.selector)) },
  })
  const revisions = revisionsOf(deployment, list.items)
  const target =
    revision === undefined
      ? revisions.find((replicaSet) => revisionOf(replicaSet) < revisionOf(deployment))
      : revisions.find((replicaSet) => revisionOf(replicaSet) === revision)
  if (!target?.spec.template)
    throw failure(404, 'NotFound', `no rollout history found for deployment "${ref.name}"`)
  const template = structuredClone(target.spec.template)
  delete template.metadata?.labels?.['pod-template-hash']
  await kube.patch(resources.deployments, ref, {
    type: 'json',
    body: [
      { op: 'replace', path: '/spec/template', value: template },
      { op: 'add', path: '/metadata/annotations', value: annotationsFor(deployment, target) },
    ],
  })
}
