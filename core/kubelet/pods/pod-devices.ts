import type { Pod, PodResourceClaim } from '../../api/generated/core-v1.ts'
import type { KubeletParts } from './kubelet-parts.ts'

/** Devices of the pod that cannot be had; reason and message are those of upstream's event. */
export class DevicesError extends Error {
  readonly reason = 'FailedPrepareDynamicResources'
  constructor(why: string) {
    super(`Failed to prepare dynamic resources: prepare dynamic resources: ${why}`)
  }
}

/**
 * A pod does not run without the devices it claims (upstream: cm/dra Manager.PrepareResources). No DRA driver can register
 * with these kubelets, so none that is real does; a simulated node has whatever was allocated on it.
 */
export async function prepareDevices({ api, node }: KubeletParts, pod: Pod): Promise<void> {
  const { namespace = '', name, uid = '' } = pod.metadata
  const named = (pod.spec.resourceClaims ?? []).map((entry) => nameOf(pod, entry))
  const ofResources = pod.status?.extendedResourceClaimStatus?.resourceClaimName
  for (const claimName of [...named, ofResources]) {
    if (claimName === undefined) continue
    const claim = await api.resourceClaim(namespace, claimName)
    if (!claim) {
      throw new DevicesError(
        `fetch ResourceClaim ${namespace}/${claimName}: resourceclaims.resource.k8s.io "${claimName}" not found`,
      )
    }
    const { allocation, reservedFor = [] } = claim.status ?? {}
    if (!reservedFor.some((consumer) => consumer.uid === uid)) {
      throw new DevicesError(
        `pod ${name} (${uid}) is not allowed to use ResourceClaim ${claimName} (${claim.metadata.uid ?? ''})`,
      )
    }
    const [device] = allocation?.devices?.results ?? []
    if (device && node().runtimeName !== 'simulated') {
      throw new DevicesError(`DRA driver ${device.driver} is not registered`)
    }
  }
}

/** Undefined when the pod needs no claim for this entry. */
function nameOf(pod: Pod, { name, resourceClaimName }: PodResourceClaim): string | undefined {
  if (resourceClaimName) return resourceClaimName
  const made = pod.status?.resourceClaimStatuses?.find((one) => one.name === name)
  if (made) return made.resourceClaimName
  throw new DevicesError(
    `pod "${pod.metadata.namespace}/${pod.metadata.name}": ResourceClaim not created yet`,
  )
}
