import type { ServiceCIDR } from '../../api/generated/networking-v1.ts'
import { holdsHost, holdsNetwork, parseCidr, type Cidr } from '../../util/cidr.ts'

/** The networks of a ServiceCIDR. */
export function networksOf({ spec }: ServiceCIDR): Cidr[] {
  return (spec.cidrs ?? []).map(parseCidr).filter((network) => network !== undefined)
}

/** The ServiceCIDRs that an address can be given out from (upstream: servicecidr.ContainsAddress). */
export function cidrsWithAddress(all: readonly ServiceCIDR[], ip: string): ServiceCIDR[] {
  return all.filter((cidr) => networksOf(cidr).some((network) => holdsHost(network, ip)))
}

/** The ServiceCIDRs with a network that this one lies in (upstream: servicecidr.ContainsPrefix). */
export function cidrsAround(all: readonly ServiceCIDR[], inner: Cidr): ServiceCIDR[] {
  return all.filter((cidr) => networksOf(cidr).some((outer) => holdsNetwork(outer, inner)))
}

/** Whether two ServiceCIDRs share addresses: networks that do lie one in the other. */
export function overlap(a: ServiceCIDR, b: ServiceCIDR): boolean {
  const others = networksOf(b)
  return networksOf(a).some((one) =>
    others.some((other) => holdsNetwork(one, other) || holdsNetwork(other, one)),
  )
}
