import type { Pod } from '../../api/generated/core-v1.ts'
import type { ResourceClaim } from '../../api/generated/resource-v1.ts'
import { controllerOf } from '../../api/meta.ts'
import type { DeviceView } from './device-view.ts'

/** Keys of the claims that a pod names or that were made for it; undefined for one that is not made yet. */
export function deviceClaimKeys({ metadata, spec, status }: Pod): (string | undefined)[] {
  return (spec.resourceClaims ?? []).flatMap(({ name, resourceClaimName, resourceClaimTemplateName }) => {
    if (resourceClaimName) return [`${metadata.namespace}/${resourceClaimName}`]
    const made = status?.resourceClaimStatuses?.find((one) => one.name === name)
    if (!resourceClaimTemplateName || !made) return [undefined]
    // That its status says nothing of a name means that none is needed.
    return made.resourceClaimName ? [`${metadata.namespace}/${made.resourceClaimName}`] : []
  })
}

/** The pod's claims, or upstream's reason why no node will do while they are as they are (dynamicresources PreFilter). */
export function podDeviceClaims(
  pod: Pod,
  view: Pick<DeviceView, 'claim' | 'classOf'>,
): ResourceClaim[] | { refusal: string } {
  const { name, namespace = '', uid } = pod.metadata
  const found: ResourceClaim[] = []
  for (const [at, key] of deviceClaimKeys(pod).entries()) {
    if (key === undefined) {
      return { refusal: `pod "${namespace}/${name}": ResourceClaim not created yet` }
    }
    const claim = view.claim(key)
    if (!claim) return { refusal: `could not find ResourceClaim "${key}"` }
    if (claim.metadata.deletionTimestamp) {
      return { refusal: `resourceclaim "${claim.metadata.name}" is being deleted` }
    }
    const isFromTemplate = pod.spec.resourceClaims?.[at]?.resourceClaimTemplateName !== undefined
    if (isFromTemplate && controllerOf(claim)?.uid !== uid) {
      return {
        refusal: `ResourceClaim ${key} was not created for Pod ${namespace}/${name} (Pod is not owner)`,
      }
    }
    const missing = claim.status?.allocation ? undefined : missingClass(claim, view)
    if (missing !== undefined) return { refusal: missing }
    found.push(claim)
  }
  return found
}

function missingClass({ spec }: ResourceClaim, { classOf }: Pick<DeviceView, 'classOf'>): string | undefined {
  for (const { name, exactly, firstAvailable = [] } of spec.devices?.requests ?? []) {
    for (const { deviceClassName } of exactly ? [exactly] : firstAvailable) {
      if (!classOf(deviceClassName)) {
        return `request ${name}: device class ${deviceClassName} does not exist`
      }
    }
  }
  return undefined
}
