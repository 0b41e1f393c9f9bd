import type { Pod } from '../../api/generated/core-v1.ts'
import { claimKeysOf } from '../../api/pod-claims.ts'
import { isTerminalPhase } from '../../api/pod-status.ts'
import { resources } from '../../api/resources.ts'
import { isNotFound } from '../../api/status.ts'
import { pvcProtectionFinalizer } from '../../api/volume-finalizers.ts'
import type { Controller, ControllerDependencies } from '../kit/controller.ts'
import { defineController, watchOf } from '../kit/run-controller.ts'

const byClaim = 'claim'

/**
 * Lets a deleted claim go once no running pod uses it (upstream: pkg/controller/volume/pvcprotection). Admission has
 * put the finalizer there.
 */
export function createClaimProtectionController(dependencies: ControllerDependencies): Controller {
  const { client, informers } = dependencies
  const pods = informers.informer(resources.pods)
  pods.addIndex(byClaim, claimKeysOf)
  return defineController(dependencies, {
    name: 'pvc-protection',
    for: resources.persistentVolumeClaims,
    watches: [watchOf(resources.pods, ({ object }) => claimKeysOf(object))],
    async reconcile({ key, object: claim }) {
      const finalizers = claim?.metadata.finalizers ?? []
      if (!claim?.metadata.deletionTimestamp || !finalizers.includes(pvcProtectionFinalizer)) return
      if (pods.store.byIndex(byClaim, key).some(isUsing)) return
      const rest = finalizers.filter((one) => one !== pvcProtectionFinalizer)
      try {
        const metadata = { ...claim.metadata, finalizers: rest }
        await client.update(resources.persistentVolumeClaims, { ...claim, metadata })
      } catch (error) {
        if (!isNotFound(error)) throw error
      }
    },
  })
}

/** A pod that is placed and has not ended may have the volume mounted. */
function isUsing({ spec, status }: Pod): boolean {
  return Boolean(spec.nodeName) && !isTerminalPhase(status?.phase)
}
