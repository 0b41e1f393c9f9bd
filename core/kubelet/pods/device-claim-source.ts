import type { ResourceClaim } from '../../api/generated/resource-v1.ts'

/** Reads the claims for devices that pods have; undefined where there is none. */
export interface DeviceClaimSource {
  resourceClaim(namespace: string, name: string): Promise<ResourceClaim | undefined>
}
