import { isIP } from 'node:net'
import type { EndpointAddress, Endpoints, EndpointSubset } from '../../api/generated/core-v1.ts'
import type { FieldError } from '../../api/status.ts'
import { defineKind } from '../../registry/kind.ts'
import { ageColumn, nameColumn } from '../columns.ts'
import { invalidFor, required } from '../../api/field-errors.ts'
import {
  checkDns1123Label,
  checkDns1123Subdomain,
  checkPortNumber,
  checkQualifiedName,
} from '../validation/formats.ts'
import { warnOfIp } from '../validation/address-warnings.ts'
import { checkIp, checkOrdinaryIp } from '../validation/ip-address.ts'
import { firstFew } from '../first-few.ts'
import { validateProtocol } from './pod/port-validation.ts'

export const endpoints = defineKind<Endpoints>({
  group: '',
  version: 'v1',
  kind: 'Endpoints',
  namespaced: true,
  names: { plural: 'endpoints', singular: 'endpoints', short: ['ep'] },
  schema: 'io.k8s.api.core.v1.Endpoints',
  toleratedWhenStored: [/^subsets\[\d+\]\.(?:notReadyA|a)ddresses\[\d+\]\.ip$/],
  deprecationWarning: 'v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice',
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
  warnings: endpointWarnings,
  validate: (object) =>
    (object.subsets ?? []).flatMap((subset, at) => validateSubset(subset, `subsets[${at}]`)),
})

/** Addresses that should be written otherwise; the controller writes them right. */
function endpointWarnings({ metadata, subsets = [] }: Endpoints): string[] {
  if (metadata.labels?.['endpoints.kubernetes.io/managed-by'] === 'endpoint-controller') return []
  return subsets.flatMap((subset, at) =>
    (['addresses', 'notReadyAddresses'] as const).flatMap((list) =>
      (subset[list] ?? []).flatMap(({ ip }, index) => warnOfIp(ip, `subsets[${at}].${list}[${index}].ip`)),
    ),
  )
}

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
    for (const [at, address] of list.entries()) {
      errors.push(...validateAddress(address, `${path}.${name}[${at}]`))
    }
  }
  for (const [at, { name, port, protocol, appProtocol }] of ports.entries()) {
    const where = `${path}.ports[${at}]`
    if (name) errors.push(...invalidFor(`${where}.name`, name, checkDns1123Label(name)))
    else if (ports.length > 1) errors.push(required(`${where}.name`))
    errors.push(...invalidFor(`${where}.port`, port ?? 0, checkPortNumber(port ?? 0)))
    errors.push(...validateProtocol(protocol, `${where}.protocol`))
    if (appProtocol === undefined) continue
    errors.push(...invalidFor(`${where}.appProtocol`, appProtocol, checkQualifiedName(appProtocol)))
  }
  return errors
}

function validateAddress({ ip = '', hostname, nodeName }: EndpointAddress, path: string): FieldError[] {
  const errors = invalidFor(`${path}.ip`, ip, checkIp(ip))
  if (hostname) errors.push(...invalidFor(`${path}.hostname`, hostname, checkDns1123Label(hostname)))
  if (nodeName !== undefined) {
    errors.push(...invalidFor(`${path}.nodeName`, nodeName, checkDns1123Subdomain(nodeName)))
  }
  const special = isIP(ip) === 0 ? ['must be a valid IP address'] : checkOrdinaryIp(ip)
  return [...errors, ...invalidFor(`${path}.ip`, ip, special)]
}
