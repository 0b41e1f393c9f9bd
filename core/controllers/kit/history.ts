import { parseExactJson } from '../../api/exact-json.ts'
import type { ControllerRevision } from '../../api/generated/apps-v1.ts'
import type { PodTemplateSpec } from '../../api/generated/core-v1.ts'
import type { Resource } from '../../api/gvk.ts'
import type { KubeObject } from '../../api/meta.ts'
import { resources } from '../../api/resources.ts'
import { isAlreadyExists, isNotFound } from '../../api/status.ts'
import type { Client } from '../../client/client.ts'
import { draft } from '../../client/draft.ts'
import { controllerReference } from '../../client/object-reference.ts'
import { canonicalJson, fnv32a, safeEncode } from './safe-encode.ts'

/** How often a name that another template took is drawn anew. */
const maxCollisions = 10

export interface HistoryOptions<O extends KubeObject & { spec: { template: PodTemplateSpec } }> {
  client: Client
  owner: O
  ownerResource: Resource<O>
  /** The label that keeps the hash on the revision. */
  hashLabel: string
  /** The owner's revisions, in any order. */
  revisions: ControllerRevision[]
  /** `status.collisionCount`. */
  collisionCount: number | undefined
}

export interface SyncedHistory {
  /** The revision of the owner's template. */
  update: ControllerRevision
  /** All of them, `update` included, oldest first. */
  revisions: ControllerRevision[]
  collisionCount: number | undefined
}

/**
 * What a revision of a pod template holds: a strategic merge patch that puts the template in place, which is what
 * `kubectl rollout history` and `undo` apply (upstream: statefulset getPatch, daemon getPatch).
 */
function patchOf(template: PodTemplateSpec): Record<string, unknown> {
  return { spec: { template: { ...draft(template), $patch: 'replace' } } }
}

/** The pod template that a revision keeps. */
export function templateOfRevision(revision: ControllerRevision): PodTemplateSpec {
  const { spec } = revision.data as { spec: { template: PodTemplateSpec & { $patch?: string } } }
  const { $patch: _, ...template } = spec.template
  return template
}

function byAge(a: ControllerRevision, b: ControllerRevision): number {
  if (a.revision !== b.revision) return a.revision < b.revision ? -1 : 1
  const [createdA, createdB] = [a.metadata.creationTimestamp ?? '', b.metadata.creationTimestamp ?? '']
  if (createdA !== createdB) return createdA < createdB ? -1 : 1
  return a.metadata.name < b.metadata.name ? -1 : 1
}

/**
 * The revision of the owner's current template: found among the known ones, made the newest again after a rollback, or
 * created (upstream: history.Interface, getStatefulSetRevisions, constructHistory).
 */
export async function syncHistory<O extends KubeObject & { spec: { template: PodTemplateSpec } }>(
  options: HistoryOptions<O>,
): Promise<SyncedHistory> {
  const { client, owner, collisionCount } = options
  const revisions = [...options.revisions].sort(byAge)
  // With its members in the order of their names, as Go writes a map: upstream compares revisions by their bytes.
  const text = canonicalJson(patchOf(owner.spec.template))
  const data = parseExactJson(text) as Record<string, unknown>
  const newest = revisions.at(-1)
  const found = revisions.findLast((revision) => canonicalJson(revision.data) === text)
  if (found && found.revision === newest?.revision) return { update: found, revisions, collisionCount }
  const revision = Number(newest?.revision ?? 0) + 1
  if (found) {
    const update = await client.update(resources.controllerRevisions, { ...found, revision })
    const others = revisions.filter((one) => one !== found)
    return { update, revisions: [...others, update], collisionCount }
  }
  const created = await createRevision(options, { data, text, revision })
  return { ...created, revisions: [...revisions, created.update] }
}

async function createRevision<O extends KubeObject & { spec: { template: PodTemplateSpec } }>(
  options: HistoryOptions<O>,
  { data, text, revision }: { data: Record<string, unknown>; text: string; revision: number },
): Promise<Pick<SyncedHistory, 'update' | 'collisionCount'>> {
  const { client, owner, ownerResource, hashLabel } = options
  const { namespace = '', name, annotations } = owner.metadata
  let { collisionCount } = options
  for (let attempt = 1; ; attempt++) {
    const hash = safeEncode(String(fnv32a(collisionCount ? `${text}#${collisionCount}` : text)))
    const wanted: ControllerRevision = {
      metadata: {
        name: `${name}-${hash}`,
        namespace,
        labels: { ...owner.spec.template.metadata?.labels, [hashLabel]: hash },
        annotations: { ...annotations },
        ownerReferences: [controllerReference(ownerResource, owner)],
      },
      data,
      revision,
    }
    try {
      return { update: await client.create(resources.controllerRevisions, wanted), collisionCount }
    } catch (error) {
      if (!isAlreadyExists(error) || attempt === maxCollisions) throw error
      const there = await client.get(resources.controllerRevisions, { namespace, name: wanted.metadata.name })
      if (canonicalJson(there.data) === text) return { update: there, collisionCount }
      collisionCount = (collisionCount ?? 0) + 1
    }
  }
}

/** Deletes the oldest revisions that are not live, until no more than `limit` of those are left. */
export async function truncateHistory(
  client: Client,
  revisions: ControllerRevision[],
  { limit, isLive }: { limit: number; isLive: (revision: ControllerRevision) => boolean },
): Promise<void> {
  const dead = [...revisions].sort(byAge).filter((revision) => !isLive(revision))
  for (const { metadata } of dead.slice(0, Math.max(0, dead.length - limit))) {
    const { namespace = '', name } = metadata
    try {
      await client.delete(resources.controllerRevisions, { namespace, name })
    } catch (error) {
      if (!isNotFound(error)) throw error
    }
  }
}
