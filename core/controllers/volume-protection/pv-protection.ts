import { resources } from '../../api/resources.ts'
import { isNotFound } from '../../api/status.ts'
import { pvProtectionFinalizer } from '../../api/volume-finalizers.ts'
import type { Controller, ControllerDependencies } from '../kit/controller.ts'
import { defineController } from '../kit/run-controller.ts'

/**
 * Lets a deleted volume go once it is bound to no claim (upstream: pkg/controller/volume/pvprotection). Admission has
 * put the finalizer there.
 */
export function createVolumeProtectionController(dependencies: ControllerDependencies): Controller {
  const { client } = dependencies
  return defineController(dependencies, {
    name: 'pv-protection',
    for: resources.persistentVolumes,
    async reconcile({ object: volume }) {
      const finalizers = volume?.metadata.finalizers ?? []
      if (!volume?.metadata.deletionTimestamp || !finalizers.includes(pvProtectionFinalizer)) return
      if (volume.status?.phase === 'Bound') return
      const rest = finalizers.filter((one) => one !== pvProtectionFinalizer)
      try {
        const metadata = { ...volume.metadata, finalizers: rest }
        await client.update(resources.persistentVolumes, { ...volume, metadata })
      } catch (error) {
        if (!isNotFound(error)) throw error
      }
    },
  })
}
