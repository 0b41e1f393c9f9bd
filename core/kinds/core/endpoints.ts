import type { Endpoints, EndpointSubset } from '../../api/generated/core-v1.ts'
import type { FieldError } from '../../api/status.ts'
import { defineKind } from '../../registry/kind.ts'
import { ageColumn, nameColumn } from '../columns.ts'
import { invalidFor, notSupported, required } from '../validation/field-errors.ts'
import { checkDns1123Label, checkPortNumber } from '../validation/formats.ts'
import { checkIp } from '../validation/ip-address.ts'
import { firstFew } from '../first-few.ts'

const protocols = ['SCTP', 'TCP', 'UDP']

export const endpoints = defineKind<Endpoints>({
  group: '',
  version: 'v1',
  kind: 'Endpoints',
  namespaced: true,
  names: { plural: 'endpoints', singular: 'endpoints', short: ['ep'] },
  schema: 'io.k8s.api.core.v1.Endpoints',
  createsOnUpdate: true,
  columns: [
    nameColumn(),
    { name: 'Endpoints', type: 'string', value: (object) => firstFew(addressTexts(object), '<none>') },
    ageColumn(),
  ],
  default(object) {
    for (const subset of object.subsets ?? []) {
      for (const port of subset.ports ?? []) port.protocol ||= 'TCP'
    }
  },
  validate: (object) =>
    (object.subsets ?? []).flatMap((subset, at) => validateSubset(subset, `subsets[${at}]`)),
})

function addressTexts(object: Endpoints): string[] {
  return (object.subsets ?? []).flatMap(({ addresses = [], ports = [] }) => {
    if (ports.length === 0) return addresses.map(({ ip }) => ip)
    return ports.flatMap(({ port }) =>
      addresses.map(({ ip }) => (ip.includes(':') ? `[${ip}]:${port}` : `${ip}:${port}`)),
    )
  })
}

function validateSubset(subset: EndpointSubset, path: string): FieldError[] {
  const { addresses = [], notReadyAddresses = [], ports = [] } = subset
  const errors: FieldError[] = []
  if (addresses.length + notReadyAddresses.length === 0) {
    errors.push(required(path, 'must specify `addresses` or `notReadyAddresses`'))
  }
  for (const [list, name] of [
    [addresses, 'addresses'],
    [notReadyAddresses, 'notReadyAddresses'],
  ] as const) {
    for (const [at, { ip, hostname }] of list.entries()) {
      const where = `${path}.${name}[${at}]`
      errors.push(...invalidFor(`${where}.ip`, ip ?? '', checkIp(ip ?? '')))
      if (hostname) errors.push(...invalidFor(`${where}.hostname`, hostname, checkDns1123Label(hostname)))
    }
  }
  for (const [at, { name, port, protocol }] of ports.entries()) {
    const where = `${path}.ports[${at}]`
    if (name) errors.push(...invalidFor(`${where}.name`, name, checkDns1123Label(name)))
    else if (ports.length > 1) errors.push(required(`${where}.name`))
    errors.push(...invalidFor(`${where}.port`, port ?? 0, checkPortNumber(port ?? 0)))
    if (!protocol) errors.push(required(`${where}.protocol`))
    else if (!protocols.includes(protocol)) {
      errors.push(notSupported(`${where}.protocol`, protocol, protocols))
    }
  }
  return errors
}
