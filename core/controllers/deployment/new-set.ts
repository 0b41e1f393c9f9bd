import { findCondition } from '../../api/conditions.ts'
import type { Deployment, DeploymentStatus, ReplicaSet } from '../../api/generated/apps-v1.ts'
import { controllerOf } from '../../api/meta.ts'
import { resources } from '../../api/resources.ts'
import { isAlreadyExists } from '../../api/status.ts'
import { deepEqual } from '../../client/deep-equal.ts'
import { draft } from '../../client/draft.ts'
import { controllerReference, referenceTo } from '../../client/object-reference.ts'
import { rfc3339 } from '../../util/clock.ts'
import { isNamespaceTerminating } from '../kit/pod-control.ts'
import { annotationsForNew, nextRevision, revisionAnnotation, withReplicaAnnotations } from './annotations.ts'
import { reasons, withCondition, type ConditionText } from './conditions.ts'
import { findNewSet, hasTemplate, templateHash, templateHashLabel } from './replica-sets.ts'
import type { RolloutContext } from './rollout-context.ts'
import type { Sets } from './scale.ts'
import { maxReplicas, newSetReplicas, replicasOf } from './sizes.ts'
import { hasProgressDeadline } from './status.ts'

/** Deployment and its sets after the revision was brought up to date. */
export interface SyncedSets extends Sets {
  /** As last written: carries the newest resourceVersion. */
  deployment: Deployment
}

/**
 * The ReplicaSet of the current template, created when `mayCreate` and it is not there, with revision numbers in order
 * on it and on the Deployment (upstream: getAllReplicaSetsAndSyncRevision).
 */
export async function syncRevision(
  context: RolloutContext,
  { deployment, sets, mayCreate }: { deployment: Deployment; sets: ReplicaSet[]; mayCreate: boolean },
): Promise<SyncedSets> {
  const existing = findNewSet(deployment, sets)
  const oldSets = sets.filter((set) => set.metadata.uid !== existing?.metadata.uid)
  const revision = nextRevision(oldSets)
  if (existing) return updateExisting(context, { deployment, existing, oldSets, revision })
  if (!mayCreate) return { deployment, newSet: undefined, oldSets }
  return createSet(context, { deployment, oldSets, revision })
}

async function updateExisting(
  context: RolloutContext,
  given: { deployment: Deployment; existing: ReplicaSet; oldSets: ReplicaSet[]; revision: bigint },
): Promise<SyncedSets> {
  const { existing, oldSets, revision } = given
  const annotations = annotationsForNew(given.deployment, existing, revision)
  const minReadySeconds = given.deployment.spec.minReadySeconds ?? 0
  let newSet = existing
  const isSame =
    deepEqual(annotations, existing.metadata.annotations) &&
    (existing.spec.minReadySeconds ?? 0) === minReadySeconds
  if (!isSame) {
    newSet = await context.client.update(resources.replicaSets, {
      ...existing,
      metadata: { ...existing.metadata, annotations },
      spec: { ...existing.spec, minReadySeconds },
    })
    // As upstream, the rest of the work follows once the informer shows the change.
  }
  const known = findCondition(given.deployment.status?.conditions, 'Progressing')
  const message = `Found new replica set "${newSet.metadata.name}"`
  const text = { type: 'Progressing', status: 'True', reason: reasons.foundNewSet, message } as const
  const isNews = !known && hasProgressDeadline(given.deployment)
  const deployment = await writeProgress(context, given.deployment, { newSet, ...(isNews && { text }) })
  return { deployment, newSet, oldSets }
}

async function createSet(
  context: RolloutContext,
  given: { deployment: Deployment; oldSets: ReplicaSet[]; revision: bigint },
): Promise<SyncedSets> {
  const { oldSets, revision } = given
  const { client, recorder } = context
  let { deployment } = given
  const wanted = buildSet(deployment, { oldSets, revision })
  let newSet: ReplicaSet
  try {
    newSet = await client.create(resources.replicaSets, wanted)
    const replicas = replicasOf(newSet)
    if (replicas > 0) {
      recorder.record(referenceTo(resources.deployments, deployment), {
        type: 'Normal',
        reason: 'ScalingReplicaSet',
        message: `Scaled up replica set ${newSet.metadata.name} from 0 to ${replicas}`,
      })
    }
  } catch (error) {
    if (isAlreadyExists(error)) {
      const found = await resolveCollision(context, deployment, wanted)
      if (!found) throw error
      return {
        deployment: await writeProgress(context, deployment, { newSet: found }),
        newSet: found,
        oldSets,
      }
    }
    if (!isNamespaceTerminating(error)) await reportCreateFailure(context, { deployment, set: wanted, error })
    throw error
  }
  const message = `Created new replica set "${newSet.metadata.name}"`
  const text = { type: 'Progressing', status: 'True', reason: reasons.newSetCreated, message } as const
  const isNews = hasProgressDeadline(deployment)
  deployment = await writeProgress(context, deployment, { newSet, ...(isNews && { text }) })
  return { deployment, newSet, oldSets }
}

function buildSet(
  deployment: Deployment,
  { oldSets, revision }: { oldSets: ReplicaSet[]; revision: bigint },
): ReplicaSet {
  const { name, namespace } = deployment.metadata
  const template = draft(deployment.spec.template)
  const hash = templateHash(template, deployment.status?.collisionCount)
  const labels = { ...template.metadata?.labels, [templateHashLabel]: hash }
  const { selector } = deployment.spec
  const annotations = withReplicaAnnotations(
    annotationsForNew(deployment, undefined, revision),
    replicasOf(deployment),
    maxReplicas(deployment),
  )
  return {
    metadata: {
      name: `${name}-${hash}`,
      ...(namespace === undefined ? {} : { namespace }),
      labels,
      annotations,
      ownerReferences: [controllerReference(resources.deployments, deployment)],
    },
    spec: {
      replicas: newSetReplicas(deployment, oldSets, 0),
      minReadySeconds: deployment.spec.minReadySeconds ?? 0,
      selector: { ...selector, matchLabels: { ...selector.matchLabels, [templateHashLabel]: hash } },
      template: {
        ...template,
        metadata: { ...template.metadata, name: template.metadata?.name ?? '', labels },
      },
    },
  }
}

/**
 * A set of the wanted name exists. If it is our own with the same template, the informer was only late: it is returned.
 * Otherwise two templates share a hash: the collision count goes up and the next try gets another name.
 */
async function resolveCollision(
  { client }: RolloutContext,
  deployment: Deployment,
  wanted: ReplicaSet,
): Promise<ReplicaSet | undefined> {
  const { namespace = '', name } = wanted.metadata
  const found = await client.get(resources.replicaSets, { namespace, name })
  const isOurs = controllerOf(found)?.uid === deployment.metadata.uid
  if (isOurs && hasTemplate(found, deployment.spec.template)) return found
  const collisionCount = (deployment.status?.collisionCount ?? 0) + 1
  const status: DeploymentStatus = { ...deployment.status, collisionCount }
  await client.updateStatus(resources.deployments, { ...deployment, status })
  return undefined
}

async function reportCreateFailure(
  context: RolloutContext,
  { deployment, set, error }: { deployment: Deployment; set: ReplicaSet; error: unknown },
): Promise<void> {
  const why = error instanceof Error ? error.message : String(error)
  const message = `Failed to create new replica set "${set.metadata.name}": ${why}`
  context.recorder.record(referenceTo(resources.deployments, deployment), {
    type: 'Warning',
    reason: reasons.setCreateError,
    message,
  })
  if (!hasProgressDeadline(deployment)) return
  const text = { type: 'Progressing', status: 'False', reason: reasons.setCreateError, message } as const
  await writeCondition(context, deployment, text)
}

/**
 * Copies the set's revision onto the Deployment, with what there is to say of it, in one write to status: an annotation written
 * there is no new generation (upstream: getNewReplicaSet).
 */
async function writeProgress(
  { client, clock }: RolloutContext,
  deployment: Deployment,
  { newSet, text }: { newSet: ReplicaSet; text?: ConditionText },
): Promise<Deployment> {
  const revision = newSet.metadata.annotations?.[revisionAnnotation] ?? ''
  const { annotations } = deployment.metadata
  const isKnown = revision === '' || annotations?.[revisionAnnotation] === revision
  const old = deployment.status?.conditions ?? []
  const conditions = text ? withCondition(old, text, rfc3339(clock.now())) : old
  if (isKnown && conditions === old) return deployment
  return client.updateStatus(resources.deployments, {
    ...deployment,
    metadata: isKnown
      ? deployment.metadata
      : { ...deployment.metadata, annotations: { ...annotations, [revisionAnnotation]: revision } },
    status: conditions === old ? { ...deployment.status } : { ...deployment.status, conditions },
  })
}

/** Sets one condition in the stored status; a status that has it already is not written. */
export async function writeCondition(
  { client, clock }: RolloutContext,
  deployment: Deployment,
  text: ConditionText,
): Promise<Deployment> {
  const old = deployment.status?.conditions ?? []
  const conditions = withCondition(old, text, rfc3339(clock.now()))
  if (conditions === old) return deployment
  const status = { ...deployment.status, conditions }
  return client.updateStatus(resources.deployments, { ...deployment, status })
}
