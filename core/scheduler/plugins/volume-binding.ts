import type { FilterPlugin, Rejection } from '../plugin.ts'
import { planVolumes, podVolumes } from '../volumes/pod-volumes.ts'

function unresolvable(reasons: string[]): Rejection {
  return { reasons, isResolvable: false }
}

/**
 * The pod's claims are bound to volumes that the node reaches, or can be served there (upstream: plugins/volumebinding). What
 * is chosen is written by `createVolumeReservations` before the pod is bound.
 */
export const volumeBinding: FilterPlugin = {
  name: 'VolumeBinding',
  prepare(pod, { storage }) {
    if (pod.claims.length === 0) return undefined
    const volumes = podVolumes(pod, storage)
    if ('refusal' in volumes) {
      const rejection = unresolvable([volumes.refusal])
      return { refusal: volumes.refusal, check: () => rejection }
    }
    return {
      check({ node }) {
        const plan = node && planVolumes(volumes, node, storage)
        return plan && 'reasons' in plan ? unresolvable(plan.reasons) : undefined
      },
    }
  },
  isHelpedBy(pod, event) {
    switch (event.type) {
      case 'NodeAdd':
      case 'NodeUpdate':
        return true
      case 'StorageUpdate':
        return event.claimKey === undefined || pod.claims.includes(event.claimKey)
      default:
        return false
    }
  },
}
