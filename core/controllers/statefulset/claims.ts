import type { StatefulSet } from '../../api/generated/apps-v1.ts'
import type { PersistentVolumeClaim, Pod } from '../../api/generated/core-v1.ts'
import { resources } from '../../api/resources.ts'
import { isNotFound, StatusError } from '../../api/status.ts'
import type { Client } from '../../client/client.ts'
import { draft } from '../../client/draft.ts'
import type { EventRecorder } from '../../client/event-recorder.ts'
import { referenceTo } from '../../client/object-reference.ts'
import { claimName } from './claim-names.ts'
import { hasOtherController, ownersToSet } from './claim-owners.ts'
import { findObject } from '../../client/find-object.ts'

const { persistentVolumeClaims } = resources

/** Says that the cluster has no PersistentVolumeClaims at all: 404 for the resource, not for one object. */
function isNotServed(error: unknown): boolean {
  return error instanceof StatusError && isNotFound(error) && !error.status.details?.name
}

/** The claims of a StatefulSet's pods, by volumeClaimTemplates and persistentVolumeClaimRetentionPolicy. */
export interface StatefulClaims {
  /** Creates the pod's claims that are not there, with upstream's events. */
  createMissing(set: StatefulSet, pod: Pod, ordinal: number): Promise<void>
  /** Whether a claim still waits to be deleted with an earlier pod of the name, so that the pod must wait. */
  isStale(set: StatefulSet, pod: Pod, ordinal: number): Promise<boolean>
  /** Makes the owners of the pod's claims what the retention policy asks for. */
  applyRetention(set: StatefulSet, pod: Pod, ordinal: number): Promise<void>
}

/** Upstream: pkg/controller/statefulset/stateful_pod_control.go and stateful_set_utils.go. */
export function createStatefulClaims(client: Client, recorder: EventRecorder): StatefulClaims {
  function get(set: StatefulSet, name: string): Promise<PersistentVolumeClaim | undefined> {
    return findObject(client, persistentVolumeClaims, { namespace: set.metadata.namespace ?? '', name })
  }

  function namesOf(set: StatefulSet, ordinal: number): string[] {
    return (set.spec.volumeClaimTemplates ?? []).map(({ metadata }) => claimName(set, metadata.name, ordinal))
  }

  async function create(set: StatefulSet, pod: Pod, claim: PersistentVolumeClaim): Promise<void> {
    const involved = referenceTo(resources.statefulSets, set)
    const { name } = claim.metadata
    try {
      await client.create(persistentVolumeClaims, claim)
    } catch (error) {
      const cause = isNotServed(error)
        ? 'this cluster does not serve PersistentVolumeClaims, which volumeClaimTemplates need'
        : String((error as Error).message)
      const message = `create Claim ${name} for Pod ${pod.metadata.name} in StatefulSet ${set.metadata.name} failed error: ${cause}`
      recorder.record(involved, { type: 'Warning', reason: 'FailedCreate', message })
      throw new Error(message, { cause: error })
    }
    const message = `create Claim ${name} Pod ${pod.metadata.name} in StatefulSet ${set.metadata.name} success`
    recorder.record(involved, { type: 'Normal', reason: 'SuccessfulCreate', message })
  }

  function tellOtherController(set: StatefulSet, name: string): void {
    recorder.record(referenceTo(resources.statefulSets, set), {
      type: 'Warning',
      reason: 'ConflictingController',
      message: `PersistentVolumeClaim ${name} has a conflicting OwnerReference that acts as a manging controller, the retention policy is ignored for this claim`,
    })
  }

  return {
    async createMissing(set, pod, ordinal) {
      for (const template of set.spec.volumeClaimTemplates ?? []) {
        const name = claimName(set, template.metadata.name, ordinal)
        const there = await get(set, name)
        if (there?.metadata.deletionTimestamp) throw new Error(`pvc ${name} is being deleted`)
        if (there) continue
        const claim: PersistentVolumeClaim = {
          metadata: {
            name,
            namespace: set.metadata.namespace ?? '',
            labels: { ...template.metadata.labels, ...set.spec.selector.matchLabels },
            ...(template.metadata.annotations ? { annotations: template.metadata.annotations } : {}),
          },
          spec: draft(template.spec),
        }
        await create(set, pod, claim)
      }
    },
    async isStale(set, pod, ordinal) {
      if (set.spec.persistentVolumeClaimRetentionPolicy?.whenScaled !== 'Delete') return false
      for (const name of namesOf(set, ordinal)) {
        const owners = (await get(set, name))?.metadata.ownerReferences ?? []
        const isForOther = owners.some(
          (owner) =>
            owner.kind === 'Pod' && owner.name === pod.metadata.name && owner.uid !== pod.metadata.uid,
        )
        if (isForOther) return true
      }
      return false
    },
    async applyRetention(set, pod, ordinal) {
      for (const name of namesOf(set, ordinal)) {
        const claim = await get(set, name)
        if (!claim) continue
        const of = { set, pod, ordinal, claim }
        if (hasOtherController(of)) tellOtherController(set, name)
        const ownerReferences = ownersToSet(of)
        if (!ownerReferences) continue
        await client.update(persistentVolumeClaims, {
          ...claim,
          metadata: { ...claim.metadata, ownerReferences },
        })
      }
    },
  }
}
