import type { PersistentVolume, PersistentVolumeClaim, Pod } from '../../api/generated/core-v1.ts'
import type { StorageClass } from '../../api/generated/storage-v1.ts'
import { claimKeysOf } from '../../api/pod-claims.ts'
import { resources } from '../../api/resources.ts'
import type { Client } from '../../client/client.ts'
import type { EventText } from '../../client/event-report.ts'
import type { Lister } from '../../client/indexer.ts'
import { referenceTo } from '../../client/object-reference.ts'
import type { ControllerDependencies } from '../kit/controller.ts'

/** Name of the index of volumes by the claim (`namespace/name`) they are bound to or kept for. */
export const byClaim = 'claimRef'
/** Name of the index of claims that are not bound yet; its only value is `true`. */
export const unbound = 'unbound'
/** Name of the index of pods without a node by the claims they use. */
const waitingFor = 'waitingForClaim'

/** What both halves of the binder, the one for claims and the one for volumes, work with. */
export interface Binder {
  client: Client
  claims: Lister<PersistentVolumeClaim>
  volumes: Lister<PersistentVolume>
  classes: Lister<StorageClass>
  /** Pods without a node that use the claim of this key. */
  waitingPods(claimKey: string): Pod[]
  tellClaim(claim: PersistentVolumeClaim, event: EventText): void
  tellVolume(volume: PersistentVolume, event: EventText): void
}

/** The parts of the binder over the shared informers, with the indexes it needs. */
export function createBinder(dependencies: ControllerDependencies): Binder {
  const { client, informers } = dependencies
  const recorder = dependencies.recorder('persistentvolume-controller')
  const volumes = informers.informer(resources.persistentVolumes)
  const claims = informers.informer(resources.persistentVolumeClaims)
  const pods = informers.informer(resources.pods)
  volumes.addIndex(byClaim, ({ spec: { claimRef } }) =>
    claimRef ? [`${claimRef.namespace ?? ''}/${claimRef.name ?? ''}`] : [],
  )
  claims.addIndex(unbound, ({ status }) => (status?.phase === 'Bound' ? [] : ['true']))
  pods.addIndex(waitingFor, (pod) => (pod.spec.nodeName ? [] : claimKeysOf(pod)))
  return {
    client,
    claims: claims.store,
    volumes: volumes.store,
    classes: informers.informer(resources.storageClasses).store,
    waitingPods: (claimKey) => pods.store.byIndex(waitingFor, claimKey),
    tellClaim: (claim, event) => recorder.record(referenceTo(resources.persistentVolumeClaims, claim), event),
    tellVolume: (volume, event) => recorder.record(referenceTo(resources.persistentVolumes, volume), event),
  }
}
