import type { Resource } from '../../api/gvk.ts'
import { controllerOf, type KubeObject, type OwnerReference } from '../../api/meta.ts'
import type { Matcher } from '../../api/selectors.ts'
import { isInvalid, isNotFound } from '../../api/status.ts'
import type { Client } from '../../client/client.ts'
import { controllerReference } from '../../client/object-reference.ts'

export interface ClaimOptions<O extends KubeObject, T extends KubeObject> {
  client: Client
  owner: O
  ownerResource: Resource<O>
  /** What is claimed, e.g. pods. */
  resource: Resource<T>
  matches: Matcher
  /** All candidates: what the owner controls already, and orphans. */
  candidates: T[]
  /** Put on what is adopted. */
  finalizer?: string
}

/**
 * The candidates that belong to the owner: those it controls and whose labels match, and matching orphans, which it
 * adopts. Those it controls that match no more are released. Nothing is adopted or released by an owner that is being
 * deleted, and adoption re-reads the owner first, so that a cached deleted owner adopts nothing (upstream:
 * controller.PodControllerRefManager).
 */
export async function claimObjects<O extends KubeObject, T extends KubeObject>(
  options: ClaimOptions<O, T>,
): Promise<T[]> {
  const { owner, matches, candidates } = options
  const claimed: T[] = []
  let mayAdopt: Promise<boolean> | undefined
  for (const candidate of candidates) {
    const reference = controllerOf(candidate)
    if (reference) {
      if (reference.uid !== owner.metadata.uid) continue
      if (matches(candidate.metadata.labels)) claimed.push(candidate)
      else if (!owner.metadata.deletionTimestamp) await release(options, candidate)
      continue
    }
    if (owner.metadata.deletionTimestamp || candidate.metadata.deletionTimestamp) continue
    if (!matches(candidate.metadata.labels)) continue
    mayAdopt ??= canAdopt(options)
    if (!(await mayAdopt)) continue
    if (await adopt(options, candidate)) claimed.push(candidate)
  }
  return claimed
}

async function canAdopt<O extends KubeObject, T extends KubeObject>(
  options: ClaimOptions<O, T>,
): Promise<boolean> {
  const { name, namespace, uid } = options.owner.metadata
  const ref = namespace === undefined ? { name } : { namespace, name }
  try {
    const fresh = await options.client.get(options.ownerResource, ref)
    return fresh.metadata.uid === uid && !fresh.metadata.deletionTimestamp
  } catch (error) {
    if (isNotFound(error)) return false
    throw error
  }
}

function refOf({ metadata: { name, namespace } }: KubeObject): { namespace?: string; name: string } {
  return namespace === undefined ? { name } : { namespace, name }
}

/** False when the object is gone meanwhile. */
async function adopt<O extends KubeObject, T extends KubeObject>(
  { client, owner, ownerResource, resource, finalizer }: ClaimOptions<O, T>,
  object: T,
): Promise<boolean> {
  const reference = controllerReference(ownerResource, owner)
  const finalizers = finalizer === undefined ? {} : { finalizers: [finalizer] }
  const body = { metadata: { uid: object.metadata.uid, ownerReferences: [reference], ...finalizers } }
  try {
    await client.patch(resource, refOf(object), { type: 'strategic', body })
    return true
  } catch (error) {
    if (isNotFound(error)) return false
    throw error
  }
}

async function release<O extends KubeObject, T extends KubeObject>(
  { client, owner, resource }: ClaimOptions<O, T>,
  object: T,
): Promise<void> {
  const gone: Partial<OwnerReference> & { $patch: 'delete' } = { $patch: 'delete' }
  if (owner.metadata.uid !== undefined) gone.uid = owner.metadata.uid
  const body = { metadata: { uid: object.metadata.uid, ownerReferences: [gone] } }
  try {
    await client.patch(resource, refOf(object), { type: 'strategic', body })
  } catch (error) {
    // Invalid: the object was recreated under the name, or holds no such owner any more.
    if (!isNotFound(error) && !isInvalid(error)) throw error
  }
}
