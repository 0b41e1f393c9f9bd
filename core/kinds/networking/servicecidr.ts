import type { ServiceCIDR } from '../../api/generated/networking-v1.ts'
import type { FieldError } from '../../api/status.ts'
import { defineKind } from '../../registry/kind.ts'
import { ageColumn, nameColumn } from '../columns.ts'
import { canonicalCidr, checkCidr, parseCidr } from '../../util/cidr.ts'
import { immutable, invalidFor, invalidValue, required } from '../../api/field-errors.ts'

const dualStackMessage =
  'may specify no more than one IP for each IP family, i.e 192.168.0.0/24 and 2001:db8::/64'

export const serviceCidr = defineKind<ServiceCIDR>({
  group: 'networking.k8s.io',
  version: 'v1',
  kind: 'ServiceCIDR',
  namespaced: false,
  names: { plural: 'servicecidrs', singular: 'servicecidr' },
  schema: 'io.k8s.api.networking.v1.ServiceCIDR',
  tracksGeneration: false,
  columns: [
    nameColumn(),
    { name: 'CIDRs', type: 'string', value: ({ spec }) => (spec.cidrs ?? []).join(',') },
    ageColumn(),
  ],
  default(object) {
    object.spec ??= {}
  },
  validate: validateCidrs,
  validateUpdate: validateCidrsUpdate,
  status: { keepsMetadata: 'reset' },
})

function validateCidrs({ spec }: ServiceCIDR): FieldError[] {
  const { cidrs = [] } = spec
  const path = 'spec.cidrs'
  if (cidrs.length === 0) return [required(path, 'at least one CIDR required')]
  if (cidrs.length > 2) return [invalidValue(path, { CIDRs: cidrs }, 'may only hold up to 2 values')]
  const errors: FieldError[] = []
  for (const [at, cidr] of cidrs.entries()) {
    const problems = checkCidr(cidr)
    const canonical = canonicalCidr(cidr)
    if (problems.length === 0 && canonical !== cidr)
      problems.push(`must be in canonical form ("${canonical}")`)
    errors.push(...invalidFor(`${path}[${at}]`, cidr, problems))
  }
  const widths = cidrs.map((cidr) => parseCidr(cidr)?.width)
  if (cidrs.length === 2 && widths[0] !== undefined && widths[0] === widths[1]) {
    errors.push(invalidValue(path, cidrs, dualStackMessage))
  }
  return errors
}

/** A second family may be added, nothing else may change. */
function validateCidrsUpdate({ spec }: ServiceCIDR, old: ServiceCIDR): FieldError[] {
  const { cidrs = [] } = spec
  const before = old.spec.cidrs ?? []
  const isJoined = before.length === 1 && cidrs.length === 2
  if (cidrs.length !== before.length && !isJoined) return [immutable('spec.cidrs', cidrs)]
  return before.flatMap((cidr, at) => (cidrs[at] === cidr ? [] : [immutable(`spec.cidrs[${at}]`, cidrs[at])]))
}
