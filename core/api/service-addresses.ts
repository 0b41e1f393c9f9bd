import type { Service } from './generated/core-v1.ts'
import type { IPAddress, ServiceCIDR } from './generated/networking-v1.ts'

/** The ServiceCIDR that the control plane makes of its own range and keeps (upstream: defaultservicecidr). */
export const defaultServiceCidr = 'kubernetes'

/** Holds a ServiceCIDR that is deleted while addresses depend on it. */
export const serviceCidrFinalizer = 'networking.k8s.io/service-cidr-finalizer'

/** The label that says IPv4 or IPv6. */
export const familyLabel = 'ipaddress.kubernetes.io/ip-family'

const managedByLabel = 'ipaddress.kubernetes.io/managed-by'
const allocatorName = 'ipallocator.k8s.io'

/** `IPv4` or `IPv6`, of a valid address or network. */
export function familyOf(address: string): 'IPv4' | 'IPv6' {
  return address.includes(':') ? 'IPv6' : 'IPv4'
}

/** The IPAddress by which a Service holds one of its cluster IPs (upstream: ipallocator.createIPAddress). */
export function addressOf({ metadata }: Service, ip: string): IPAddress {
  return {
    metadata: { name: ip, labels: { [familyLabel]: familyOf(ip), [managedByLabel]: allocatorName } },
    spec: {
      parentRef: {
        group: '',
        resource: 'services',
        namespace: metadata.namespace ?? '',
        name: metadata.name,
      },
    },
  }
}

/** Whether an IPAddress is the allocator's: others' are left alone. */
export function isOfAllocator({ metadata }: IPAddress): boolean {
  return metadata.labels?.[managedByLabel] === allocatorName
}

/** Whether an IPAddress belongs to this Service. */
export function isHeldBy({ spec }: IPAddress, { metadata }: Service): boolean {
  const parent = spec?.parentRef
  return refersToService(parent) && parent.namespace === metadata.namespace && parent.name === metadata.name
}

/** Whether a parent is a Service at all. */
export function refersToService<Parent extends NonNullable<IPAddress['spec']>['parentRef']>(
  parent: Parent | undefined,
): parent is NonNullable<Parent> {
  return !!parent && !parent.group && parent.resource === 'services'
}

/** The addresses of a Service; none of headless ones and mere names. */
export function clusterIpsOf({ spec }: Service): string[] {
  if (spec.type === 'ExternalName') return []
  return (spec.clusterIPs ?? []).filter((ip) => ip !== '' && ip !== 'None')
}

/** Whether addresses may be taken from a ServiceCIDR: it is not going away, and nobody has said that it is not ready. */
export function isAllocatable({ metadata, status }: ServiceCIDR): boolean {
  if (metadata.deletionTimestamp !== undefined) return false
  const ready = status?.conditions?.find(({ type }) => type === 'Ready')
  return ready === undefined || ready.status === 'True'
}
