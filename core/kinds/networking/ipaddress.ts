import { immutableInside } from '../validation/internal-form.ts'
import type { IPAddress, ParentReference } from '../../api/generated/networking-v1.ts'
import type { FieldError } from '../../api/status.ts'
import { defineKind } from '../../registry/kind.ts'
import { ageColumn, nameColumn } from '../columns.ts'
import { canonicalIp } from '../../util/cidr.ts'
import { checkIp } from '../validation/ip-address.ts'
import { invalidFor, required } from '../../api/field-errors.ts'
import { checkDns1123Subdomain } from '../validation/formats.ts'
import { validatePathSegment } from '../validation/path-segment.ts'

export const ipAddress = defineKind<IPAddress>({
  group: 'networking.k8s.io',
  version: 'v1',
  kind: 'IPAddress',
  namespaced: false,
  names: { plural: 'ipaddresses', singular: 'ipaddress', short: ['ip'] },
  schema: 'io.k8s.api.networking.v1.IPAddress',
  columns: [
    nameColumn(),
    { name: 'ParentRef', type: 'string', value: ({ spec }) => parentText(spec?.parentRef) },
    { ...ageColumn(), isUndefined: true },
  ],
  validateName: nameProblems,
  validate: ({ spec }) =>
    spec?.parentRef ? validateParent(spec.parentRef, 'spec.parentRef') : [required('spec.parentRef')],
  validateUpdate: ({ spec }, old) =>
    immutableInside('spec.parentRef', '*networking.ParentReference', spec.parentRef, old.spec.parentRef),
})

/** The name is the address itself (upstream: IsValidIP). */
function nameProblems(name: string): string[] {
  const problems = checkIp(name)
  const canonical = canonicalIp(name)
  if (problems.length > 0 || canonical === name) return problems
  return [`must be in canonical form ("${canonical}")`]
}

/** `services/default/web` or `gateways.example.com/name`. */
function parentText(parent: ParentReference | undefined): string {
  if (!parent) return '<none>'
  const { group, resource, namespace, name } = parent
  const type = (group ? `${resource}.${group}` : resource).toLowerCase()
  return namespace ? `${type}/${namespace}/${name}` : `${type}/${name}`
}

function validateParent({ group, resource, namespace, name }: ParentReference, path: string): FieldError[] {
  return [
    ...(group ? invalidFor(`${path}.group`, group, checkDns1123Subdomain(group)) : []),
    ...validatePathSegment(resource, `${path}.resource`),
    ...validatePathSegment(name, `${path}.name`),
    ...(namespace ? validatePathSegment(namespace, `${path}.namespace`) : []),
  ]
}
