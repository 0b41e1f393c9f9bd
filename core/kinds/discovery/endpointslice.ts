import type { Endpoint, EndpointSlice } from '../../api/generated/discovery-v1.ts'
import type { FieldError } from '../../api/status.ts'
import { defineKind } from '../../registry/kind.ts'
import { ageColumn, nameColumn } from '../columns.ts'
import { firstFew } from '../first-few.ts'
import {
  duplicate,
  immutable,
  invalidFor,
  notSupported,
  required,
  tooMany,
} from '../validation/field-errors.ts'
import { checkDns1123Label, checkDns1123Subdomain } from '../validation/formats.ts'
import { checkIp } from '../validation/ip-address.ts'

const addressTypes = ['FQDN', 'IPv4', 'IPv6']
const protocols = ['SCTP', 'TCP', 'UDP']
const maxEndpoints = 1000
const maxAddresses = 100
const maxPorts = 20_000

export const endpointSlice = defineKind<EndpointSlice>({
  group: 'discovery.k8s.io',
  version: 'v1',
  kind: 'EndpointSlice',
  namespaced: true,
  names: { plural: 'endpointslices', singular: 'endpointslice' },
  schema: 'io.k8s.api.discovery.v1.EndpointSlice',
  tracksGeneration: true,
  generationOf: ({ endpoints, ports }) => ({ endpoints, ports }),
  columns: [
    nameColumn(),
    { name: 'AddressType', type: 'string', value: (object) => object.addressType },
    {
      name: 'Ports',
      type: 'string',
      value: ({ ports = [] }) =>
        firstFew(
          ports.map(({ port, name }) => String(port ?? (name || '*'))),
          '<unset>',
        ),
    },
    {
      name: 'Endpoints',
      type: 'string',
      value: ({ endpoints }) =>
        firstFew(
          (endpoints ?? []).flatMap(({ addresses }) => addresses),
          '<unset>',
        ),
    },
    ageColumn(),
  ],
  default(object) {
    for (const port of object.ports ?? []) {
      port.name ??= ''
      port.protocol ||= 'TCP'
    }
  },
  validate: validateSlice,
  validateUpdate: (object, old) =>
    object.addressType === old.addressType ? [] : [immutable('addressType', object.addressType)],
})

function validateSlice(object: EndpointSlice): FieldError[] {
  const { addressType, endpoints, ports = [] } = object
  const errors: FieldError[] = []
  if (!addressType) errors.push(required('addressType'))
  else if (!addressTypes.includes(addressType)) {
    errors.push(notSupported('addressType', addressType, addressTypes))
  }
  const list = endpoints ?? []
  if (list.length > maxEndpoints) errors.push(tooMany('endpoints', list.length, maxEndpoints))
  for (const [at, endpoint] of list.entries()) {
    errors.push(...validateEndpoint(endpoint, addressType, `endpoints[${at}]`))
  }
  if (ports.length > maxPorts) errors.push(tooMany('ports', ports.length, maxPorts))
  const names = new Set<string>()
  for (const [at, { name = '', protocol }] of ports.entries()) {
    const where = `ports[${at}]`
    if (name) errors.push(...invalidFor(`${where}.name`, name, checkDns1123Label(name)))
    if (names.has(name)) errors.push(duplicate(`${where}.name`, name))
    names.add(name)
    if (!protocol || !protocols.includes(protocol)) {
      errors.push(notSupported(`${where}.protocol`, protocol ?? '', protocols))
    }
  }
  return errors
}

function validateEndpoint(endpoint: Endpoint, addressType: string, path: string): FieldError[] {
  const addresses = endpoint.addresses ?? []
  const errors: FieldError[] = []
  if (addresses.length === 0) errors.push(required(`${path}.addresses`, 'must contain at least 1 address'))
  if (addresses.length > maxAddresses)
    errors.push(tooMany(`${path}.addresses`, addresses.length, maxAddresses))
  const check = addressType === 'FQDN' ? checkDns1123Subdomain : checkIp
  for (const [at, address] of addresses.entries()) {
    errors.push(...invalidFor(`${path}.addresses[${at}]`, address, check(address)))
  }
  const { hostname, nodeName } = endpoint
  if (hostname) errors.push(...invalidFor(`${path}.hostname`, hostname, checkDns1123Label(hostname)))
  if (nodeName) errors.push(...invalidFor(`${path}.nodeName`, nodeName, checkDns1123Subdomain(nodeName)))
  return errors
}
