import type { PersistentVolume, PersistentVolumeClaim } from '../../api/generated/core-v1.ts'
import { resources } from '../../api/resources.ts'
import { compareQuantity } from '../../api/quantity.ts'
import { localProvisioner } from '../../api/volume-annotations.ts'
import { isClaimBound, storageClassOf, storageOf } from '../../api/volume-binding.ts'
import { setCondition } from '../../api/conditions.ts'
import type { EventText } from '../../client/event-report.ts'
import { referenceTo } from '../../client/object-reference.ts'
import { rfc3339 } from '../../util/clock.ts'
import type { Controller, ControllerDependencies } from '../kit/controller.ts'
import { defineController } from '../kit/run-controller.ts'

/**
 * Grows volumes whose claims ask for more (upstream: pkg/controller/volume/expand and external-resizer). Our own volumes are
 * directories and need nothing done on a node; those of others are left to their own resizer.
 */
export function createVolumeExpander(dependencies: ControllerDependencies): Controller {
  const { client, informers, clock } = dependencies
  const recorder = dependencies.recorder('volume_expand')
  const volumes = informers.informer(resources.persistentVolumes)
  const classes = informers.informer(resources.storageClasses)

  function tell(claim: PersistentVolumeClaim, event: EventText): void {
    recorder.record(referenceTo(resources.persistentVolumeClaims, claim), event)
  }

  async function expand(claim: PersistentVolumeClaim, volume: PersistentVolume): Promise<void> {
    const wanted = storageOf(claim.spec.resources?.requests)
    const { name } = volume.metadata
    tell(claim, {
      type: 'Normal',
      reason: 'Resizing',
      message: `External resizer is resizing volume ${name}`,
    })
    const resizing = { type: 'Resizing', status: 'True' }
    const started = await client.updateStatus(resources.persistentVolumeClaims, {
      ...claim,
      status: {
        ...claim.status,
        allocatedResources: { ...claim.status?.allocatedResources, storage: wanted },
        allocatedResourceStatuses: {
          ...claim.status?.allocatedResourceStatuses,
          storage: 'ControllerResizeInProgress',
        },
        conditions: setCondition(claim.status?.conditions, resizing, rfc3339(clock.now())),
      },
    })
    if (compareQuantity(storageOf(volume.spec.capacity), wanted) < 0) {
      const spec = { ...volume.spec, capacity: { ...volume.spec.capacity, storage: wanted } }
      await client.update(resources.persistentVolumes, { ...volume, spec })
    }
    const { allocatedResourceStatuses: _, conditions = [], ...rest } = started.status ?? {}
    const others = conditions.filter(({ type }) => !['Resizing', 'FileSystemResizePending'].includes(type))
    await client.updateStatus(resources.persistentVolumeClaims, {
      ...started,
      status: {
        ...rest,
        capacity: { ...rest.capacity, storage: wanted },
        ...(others.length > 0 ? { conditions: others } : {}),
      },
    })
    tell(claim, { type: 'Normal', reason: 'VolumeResizeSuccessful', message: 'Resize volume succeeded' })
  }

  return defineController(dependencies, {
    name: 'volume-expander',
    for: resources.persistentVolumeClaims,
    watches: [
      { resource: resources.persistentVolumes, keysOf: () => [] },
      { resource: resources.storageClasses, keysOf: () => [] },
    ],
    async reconcile({ object: claim }) {
      if (!claim || claim.metadata.deletionTimestamp || !isClaimBound(claim)) return
      const has = claim.status?.capacity?.storage
      if (has === undefined || compareQuantity(storageOf(claim.spec.resources?.requests), has) <= 0) return
      const volume = volumes.store.get(claim.spec.volumeName ?? '')
      if (!volume) return
      if (volume.spec.csi?.driver === localProvisioner) {
        await expand(claim, volume)
        return
      }
      const provisioner = classes.store.get(storageClassOf(claim))?.provisioner ?? ''
      const message = provisioner.startsWith('kubernetes.io/')
        ? "didn't find a plugin capable of expanding the volume; waiting for an external controller to process this PVC"
        : 'waiting for an external controller to expand this PVC'
      tell(claim, { type: 'Normal', reason: 'ExternalExpanding', message })
    },
  })
}
