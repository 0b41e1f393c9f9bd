import type { ControllerRevision, DaemonSet, StatefulSet } from '../../core/api/generated/apps-v1.ts'
import type { PodTemplateSpec } from '../../core/api/generated/core-v1.ts'
import type { Resource } from '../../core/api/gvk.ts'
import { isControlledBy } from '../../core/api/meta.ts'
import { resources } from '../../core/api/resources.ts'
import { failure } from '../../core/api/status.ts'
import type { KubeClient, ObjectRef } from '../client/kube-client.ts'
import { selectorTextOf } from './selector-of.ts'

/** The own revisions of a StatefulSet or DaemonSet, newest first: the first one is what it is at, also after a rollback. */
export function ownRevisions(
  owner: StatefulSet | DaemonSet,
  revisions: ControllerRevision[],
): ControllerRevision[] {
  return revisions
    .filter((revision) => isControlledBy(revision, owner))
    .sort((a, b) => Number(b.revision) - Number(a.revision))
}

/** The images of the pod template that a revision keeps. */
export function imagesOfRevision({ data }: ControllerRevision): (string | undefined)[] {
  const template = (data as { spec?: { template?: PodTemplateSpec } } | undefined)?.spec?.template
  return template?.spec?.containers.map(({ image }) => image) ?? []
}

/**
 * Puts an earlier revision of a StatefulSet or DaemonSet back, as `kubectl rollout undo` does: what a revision keeps is the patch that
 * brings it back. Throws StatusError when there is no such revision.
 */
export async function undoToRevision(
  kube: KubeClient,
  resource: Resource,
  ref: ObjectRef,
  wanted?: number,
): Promise<void> {
  const owner = await kube.get<StatefulSet | DaemonSet>(resource, ref)
  const list = await kube.list<ControllerRevision>(resources.controllerRevisions, {
    namespace: ref.namespace,
    query: { labelSelector: selectorTextOf(owner) },
  })
  const revisions = ownRevisions(owner, list.items)
  const target =
    wanted === undefined ? revisions[1] : revisions.find(({ revision }) => Number(revision) === wanted)
  if (!target?.data)
    throw failure(
      404,
      'NotFound',
      `no rollout history found for ${resource.kind.toLowerCase()} "${ref.name}"`,
    )
  await kube.patch(resource, ref, { type: 'strategic', body: target.data })
}
