import type { Pod } from '../../api/generated/core-v1.ts'
import type { ResourceClaim, ResourceClaimConsumerReference } from '../../api/generated/resource-v1.ts'
import { controllerOf } from '../../api/meta.ts'
import { isTerminalPhase } from '../../api/pod-status.ts'
import { resources } from '../../api/resources.ts'
import { isNotFound } from '../../api/status.ts'
import type { Controller, ControllerDependencies } from '../kit/controller.ts'
import { defineController, watchOf } from '../kit/run-controller.ts'
import { findObject } from '../../client/find-object.ts'

/** Keeps an allocated claim until nobody has it reserved (upstream: resourceapi.Finalizer). */
const finalizer = 'resource.kubernetes.io/delete-protection'

/**
 * Takes consumers that are gone or have ended out of `status.reservedFor`, gives up the allocation that nobody has any more, and
 * deletes claims that were made for a pod which ended (upstream: pkg/controller/resourceclaim syncClaim).
 */
export function createClaimReservationsController(dependencies: ControllerDependencies): Controller {
  const { client, informers } = dependencies
  const pods = informers.informer(resources.pods)

  /** Whether the pod of a reservation still has use for it; asked of the server when the informer knows none. */
  async function needs(
    namespace: string,
    { name, uid }: Pick<ResourceClaimConsumerReference, 'name' | 'uid'>,
  ): Promise<boolean> {
    const known = pods.store.get(`${namespace}/${name}`)
    const pod = known ?? (await findObject(client, resources.pods, { namespace, name }))
    return pod !== undefined && pod.metadata.uid === uid && !isDone(pod)
  }

  async function release(claim: ResourceClaim, stillNeeded: ResourceClaimConsumerReference[]): Promise<void> {
    const isProtected = claim.metadata.finalizers?.includes(finalizer) ?? false
    const isFree = stillNeeded.length === 0
    const { reservedFor: _, allocation, devices, ...rest } = claim.status ?? {}
    const updated = await client.updateStatus(resources.resourceClaims, {
      ...claim,
      status: {
        ...rest,
        ...(stillNeeded.length > 0 ? { reservedFor: stillNeeded } : {}),
        // Only what our own scheduler allocated is ours to give up.
        ...(allocation && !(isFree && isProtected) ? { allocation, ...(devices ? { devices } : {}) } : {}),
      },
    })
    if (isFree && isProtected) await unprotect(updated)
  }

  async function unprotect(claim: ResourceClaim): Promise<void> {
    const finalizers = (claim.metadata.finalizers ?? []).filter((one) => one !== finalizer)
    await client.update(resources.resourceClaims, { ...claim, metadata: { ...claim.metadata, finalizers } })
  }

  return defineController(dependencies, {
    name: 'resource-claim-reservations',
    for: resources.resourceClaims,
    watches: [watchOf(resources.pods, ({ type, object }) => claimsToReview(type, object))],
    async reconcile({ object: claim, namespace = '' }) {
      if (!claim) return
      const reservedFor = claim.status?.reservedFor ?? []
      const kept: ResourceClaimConsumerReference[] = []
      for (const consumer of reservedFor) {
        const isPod = !consumer.apiGroup && consumer.resource === 'pods'
        if (!isPod || (await needs(namespace, consumer))) kept.push(consumer)
      }
      const isProtected = claim.metadata.finalizers?.includes(finalizer) ?? false
      const mustGo = claim.metadata.deletionTimestamp !== undefined && kept.length === 0 && isProtected
      if (kept.length < reservedFor.length || (mustGo && claim.status?.allocation)) await release(claim, kept)
      else if (mustGo) await unprotect(claim)
      if (kept.length > 0 || claim.metadata.deletionTimestamp) return
      const owner = controllerOf(claim)
      if (owner?.kind !== 'Pod') return
      const pod = pods.store.get(`${namespace}/${owner.name}`)
      // One whose pod is gone altogether is the garbage collector's.
      if (!pod || pod.metadata.uid !== owner.uid || !isDone(pod)) return
      const preconditions = { uid: claim.metadata.uid ?? '' }
      const ref = { namespace, name: claim.metadata.name }
      await client.delete(resources.resourceClaims, ref, { preconditions }).catch((error: unknown) => {
        if (!isNotFound(error)) throw error
      })
    },
  })
}

/** Will not run (any more): a pod that is deleted before it is placed never does. */
function isDone({ metadata, spec, status }: Pod): boolean {
  return isTerminalPhase(status?.phase) || (metadata.deletionTimestamp !== undefined && !spec.nodeName)
}

function claimsToReview(type: string, pod: Pod): string[] {
  if (type !== 'deleted' && !isDone(pod)) return []
  const { namespace = '' } = pod.metadata
  const told = new Map(
    (pod.status?.resourceClaimStatuses ?? []).map(({ name, resourceClaimName }) => [name, resourceClaimName]),
  )
  const names = (pod.spec.resourceClaims ?? []).map(
    ({ name, resourceClaimName }) => resourceClaimName ?? told.get(name),
  )
  return [...names, pod.status?.extendedResourceClaimStatus?.resourceClaimName].flatMap((claim) =>
    claim === undefined ? [] : [`${namespace}/${claim}`],
  )
}
