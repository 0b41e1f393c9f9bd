import type { ContainerExtendedResourceRequest, Pod } from '../../api/generated/core-v1.ts'
import type { ResourceClaim } from '../../api/generated/resource-v1.ts'
import { objectKey } from '../../api/meta.ts'
import { resources } from '../../api/resources.ts'
import { isNotFound } from '../../api/status.ts'
import type { Client } from '../../client/client.ts'
import { patchPodStatus } from '../../client/pod-status.ts'

/** Keeps an allocated claim until nobody has it reserved (upstream: resourceapi.Finalizer). */
export const claimFinalizer = 'resource.kubernetes.io/delete-protection'

/** The claims that the scheduler makes for extended resources (upstream: dynamicresources PreBind and Unreserve). */
export interface ExtendedClaims {
  /** Makes the claim after what an earlier attempt left is gone; its key. */
  make(claim: ResourceClaim, leftovers: readonly ResourceClaim[]): Promise<string>
  /** Has the pod's status tell which requests of the claim serve which containers. */
  tell(pod: Pod, key: string, mappings: ContainerExtendedResourceRequest[]): Promise<void>
  remove(key: string): Promise<void>
}

/** Over the API. */
export function createExtendedClaims(client: Client): ExtendedClaims {
  async function remove(key: string): Promise<void> {
    const [namespace = '', name = ''] = key.split('/')
    try {
      const claim = await client.get(resources.resourceClaims, { namespace, name })
      const finalizers = (claim.metadata.finalizers ?? []).filter((one) => one !== claimFinalizer)
      const metadata = { ...claim.metadata, finalizers }
      if (claim.metadata.finalizers?.length)
        await client.update(resources.resourceClaims, { ...claim, metadata })
      await client.delete(resources.resourceClaims, { namespace, name })
    } catch (error) {
      if (!isNotFound(error)) throw error
    }
  }

  return {
    remove,
    async make({ metadata: { name: _, ...metadata }, spec }, leftovers) {
      for (const leftover of leftovers) await remove(objectKey(leftover))
      const made = await client.create(resources.resourceClaims, { metadata, spec } as ResourceClaim)
      return objectKey(made)
    },
    async tell(pod, key, requestMappings) {
      const extendedResourceClaimStatus = { resourceClaimName: key.split('/')[1] ?? '', requestMappings }
      await patchPodStatus(client, pod, { extendedResourceClaimStatus })
    },
  }
}
