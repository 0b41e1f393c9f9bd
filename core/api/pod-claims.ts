import type { PersistentVolumeClaim, Pod } from './generated/core-v1.ts'
import { controllerOf } from './meta.ts'

/** A claim that a pod's volume stands for. */
export interface PodClaim {
  /** Of the pod's volume. */
  volume: string
  claim: string
  /** The claim is made for the pod and belongs to it. */
  isEphemeral: boolean
}

/** The claims of a pod, in the order of its volumes; generic ephemeral ones under the name they get. */
export function podClaims({ metadata, spec }: Pod): PodClaim[] {
  return (spec.volumes ?? []).flatMap(({ name, persistentVolumeClaim, ephemeral }): PodClaim[] => {
    if (persistentVolumeClaim) {
      return [{ volume: name, claim: persistentVolumeClaim.claimName, isEphemeral: false }]
    }
    return ephemeral ? [{ volume: name, claim: `${metadata.name}-${name}`, isEphemeral: true }] : []
  })
}

/** Keys of the claims a pod uses. */
export function claimKeysOf(pod: Pod): string[] {
  return podClaims(pod).map(({ claim }) => `${pod.metadata.namespace ?? ''}/${claim}`)
}

/** Why a claim of an ephemeral volume's name is not the pod's; undefined when it is (upstream: ephemeral.VolumeIsForPod). */
export function foreignClaimProblem(pod: Pod, claim: PersistentVolumeClaim): string | undefined {
  if (controllerOf(claim)?.uid === pod.metadata.uid) return undefined
  const { namespace, name } = claim.metadata
  return `PVC ${namespace}/${name} was not created for pod ${namespace}/${pod.metadata.name} (pod is not owner)`
}
