import type { ResourceClaim, ResourceClaimTemplate } from '../../../api/generated/resource-v1.ts'
import type { AdmissionAttributes, AdmissionPlugin } from '../../../api/request.ts'
import { invalid, type FieldError } from '../../../api/status.ts'
import type { Client } from '../../../client/client.ts'
import type { Authorizer } from '../authorizer.ts'
import { requestedAdminAccess, whyNoAdminAccess } from './admin-access.ts'
import { whyNoStatus } from './status-access.ts'

/**
 * Devices in use by others are had only in namespaces that are marked for it (DRAAdminAccess), and of the status of a claim
 * everybody writes what is theirs (DRAResourceClaimGranularStatusAuthorization). Says no as validation does, as upstream
 * (pkg/registry/resource/resourceclaim/strategy.go).
 */
export function createClaimCheck(means: {
  client: Pick<Client, 'get'>
  authorizer: Authorizer
}): AdmissionPlugin {
  return {
    name: 'ResourceClaimCheck',
    async validate(attributes) {
      const errors = await judge(attributes, means)
      if (errors.length === 0) return
      throw invalid({ group: attributes.resource.group, kind: attributes.kind }, attributes.name, errors)
    },
  }
}

async function judge(
  attributes: AdmissionAttributes,
  { client, authorizer }: Parameters<typeof createClaimCheck>[0],
): Promise<FieldError[]> {
  const { operation, resource, subresource, namespace = '', object, oldObject } = attributes
  if (resource.group !== 'resource.k8s.io' || !object) return []
  const isClaim = resource.resource === 'resourceclaims'
  if (operation === 'CREATE' && (isClaim || resource.resource === 'resourceclaimtemplates')) {
    const devices = isClaim
      ? (object as ResourceClaim).spec.devices
      : (object as ResourceClaimTemplate).spec.spec?.devices
    return whyNoAdminAccess(client, namespace, requestedAdminAccess(devices?.requests ?? []))
  }
  if (operation !== 'UPDATE' || !isClaim || subresource !== 'status') return []
  const [next, old] = [(object as ResourceClaim).status, (oldObject as ResourceClaim | undefined)?.status]
  const granted = (old?.allocation?.devices?.results ?? []).some(({ adminAccess }) => adminAccess)
  const at = (next?.allocation?.devices?.results ?? []).findIndex(({ adminAccess }) => adminAccess)
  const path = granted || at < 0 ? undefined : `status.allocation.devices.results[${at}].adminAccess`
  return [
    ...(await whyNoAdminAccess(client, namespace, path)),
    ...(await whyNoStatus(attributes, { next: next ?? {}, old: old ?? {} }, authorizer)),
  ]
}
