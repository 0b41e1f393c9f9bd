import { isDefaultStorageClass } from '../../api/default-class.ts'
import { objectKey } from '../../api/meta.ts'
import { claimKeysOf } from '../../api/pod-claims.ts'
import { resources } from '../../api/resources.ts'
import type { Controller, ControllerDependencies } from '../kit/controller.ts'
import { defineController, watchOf } from '../kit/run-controller.ts'
import { byClaim, createBinder, unbound } from './binder.ts'
import { syncClaim } from './sync-claim.ts'
import { syncVolume } from './sync-volume.ts'

/**
 * Binds claims to volumes and reclaims what is released (upstream: pkg/controller/volume/persistentvolume): one loop for
 * claims, one for volumes, over the same objects. Each step can be repeated; conflicts are tried again.
 */
export function createPersistentVolumeBinder(dependencies: ControllerDependencies): Controller[] {
  const binder = createBinder(dependencies)
  const unboundKeys = (): string[] => binder.claims.byIndex(unbound, 'true').map(objectKey)

  const claims = defineController(dependencies, {
    name: 'persistentvolume-binder',
    for: resources.persistentVolumeClaims,
    watches: [
      watchOf(resources.persistentVolumes, ({ type, object, previous }) => {
        const keys = [object, previous].flatMap((volume) => {
          const { namespace = '', name = '' } = volume?.spec.claimRef ?? {}
          return name ? [`${namespace}/${name}`] : []
        })
        // One that nobody has may suit any claim that waits.
        const isFree = type !== 'deleted' && !object.spec.claimRef && object.status?.phase === 'Available'
        return isFree ? [...keys, ...unboundKeys()] : keys
      }),
      watchOf(resources.storageClasses, ({ object }) =>
        isDefaultStorageClass(object)
          ? unboundKeys()
          : unboundKeys().filter(
              (key) => binder.claims.get(key)?.spec.storageClassName === object.metadata.name,
            ),
      ),
      watchOf(resources.pods, ({ type, object }) =>
        type === 'added' && !object.spec.nodeName ? claimKeysOf(object) : [],
      ),
    ],
    async reconcile({ object: claim }) {
      if (claim) await syncClaim(binder, claim)
    },
  })

  const volumes = defineController(dependencies, {
    name: 'persistentvolume-phases',
    for: resources.persistentVolumes,
    watches: [
      watchOf(resources.persistentVolumeClaims, ({ object }) => {
        const names = binder.volumes.byIndex(byClaim, objectKey(object)).map(({ metadata }) => metadata.name)
        return object.spec.volumeName ? [object.spec.volumeName, ...names] : names
      }),
    ],
    async reconcile({ object: volume }) {
      if (volume) await syncVolume(binder, volume)
    },
  })
  return [claims, volumes]
}
