import { isIP } from 'node:net'
import type { Endpoint, EndpointPort, EndpointSlice } from '../../api/generated/discovery-v1.ts'
import type { FieldError } from '../../api/status.ts'
import { defineKind } from '../../registry/kind.ts'
import { ageColumn, nameColumn } from '../columns.ts'
import { firstFew } from '../first-few.ts'
import { warnOfIp } from '../validation/address-warnings.ts'
import {
  duplicate,
  immutable,
  invalidFor,
  invalidValue,
  notSupported,
  required,
  tooMany,
} from '../../api/field-errors.ts'
import { deepEqual } from '../validation/deep-equal.ts'
import { validateDomainName } from '../validation/domain-names.ts'
import {
  checkDns1123Label,
  checkDns1123Subdomain,
  checkLabelValue,
  checkQualifiedName,
} from '../validation/formats.ts'
import { checkIp, checkOrdinaryIp } from '../validation/ip-address.ts'
import { validateLabels } from '../validation/label-selector.ts'

const addressTypes = ['FQDN', 'IPv4', 'IPv6']
const protocols = ['SCTP', 'TCP', 'UDP']
const managedByLabel = 'endpointslice.kubernetes.io/managed-by'
const controllers = ['endpointslice-controller.k8s.io', 'endpointslicemirroring-controller.k8s.io']
const maxEndpoints = 1000
const maxAddresses = 100
const maxPorts = 20_000
const maxTopologyLabels = 16
const maxHints = 8

export const endpointSlice = defineKind<EndpointSlice>({
  group: 'discovery.k8s.io',
  version: 'v1',
  kind: 'EndpointSlice',
  namespaced: true,
  names: { plural: 'endpointslices', singular: 'endpointslice' },
  schema: 'io.k8s.api.discovery.v1.EndpointSlice',
  toleratedWhenStored: [/^endpoints\[\d+\]\.addresses\[\d+\]$/],
  tracksGeneration: true,
  generationOf: ({ endpoints, ports, addressType, metadata: { labels } }) => ({
    endpoints,
    ports,
    addressType,
    labels,
  }),
  columns: [
    nameColumn(),
    { name: 'AddressType', type: 'string', value: (object) => object.addressType },
    {
      name: 'Ports',
      type: 'string',
      value: ({ ports }) =>
        firstFew(
          (ports ?? []).map(({ port, name }) => String(port ?? (name || '*'))),
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
  prepareForCreate(object) {
    dropEmptyLists(object)
    dropTopology(object.endpoints)
  },
  prepareForUpdate(object, old) {
    dropEmptyLists(object)
    if (!deepEqual(object.endpoints, old.endpoints)) dropTopology(object.endpoints)
  },
  validate: validateSlice,
  warnings: sliceWarnings,
  validateUpdate: (object, old) =>
    object.addressType === old.addressType ? [] : [immutable('addressType', object.addressType)],
})

/** Lists without members are none, which is all that upstream's store can tell of them. */
function dropEmptyLists(object: Partial<EndpointSlice>): void {
  if (object.endpoints?.length === 0) delete object.endpoints
  if (object.ports?.length === 0) delete object.ports
}

/** What an older version of the API had in place of zone and nodeName is not written through this one. */
function dropTopology(endpoints: Endpoint[] = []): void {
  for (const endpoint of endpoints) delete endpoint.deprecatedTopology
}

/** Host names instead of addresses, and addresses that should be written otherwise; controllers write them right. */
function sliceWarnings(
  { metadata, addressType, endpoints = [] }: EndpointSlice,
  old?: EndpointSlice,
): string[] {
  const deprecated = !old && addressType === 'FQDN' ? ['spec.addressType: FQDN endpoints are deprecated'] : []
  if (controllers.includes(metadata.labels?.[managedByLabel] ?? '')) return deprecated
  return [
    ...deprecated,
    ...endpoints.flatMap(({ addresses }, at) =>
      addresses.flatMap((address, index) => warnOfIp(address, `endpoints[${at}].addresses[${index}]`)),
    ),
  ]
}

function validateSlice(object: EndpointSlice): FieldError[] {
  const { addressType } = object
  const errors: FieldError[] = []
  if (!addressType) errors.push(required('addressType'))
  else if (!addressTypes.includes(addressType)) {
    errors.push(notSupported('addressType', addressType, addressTypes))
  }
  errors.push(...validatePorts(object.ports ?? [], 'ports'))
  const endpoints = object.endpoints ?? []
  if (endpoints.length > maxEndpoints) errors.push(tooMany('endpoints', endpoints.length, maxEndpoints))
  else {
    for (const [at, endpoint] of endpoints.entries()) {
      errors.push(...validateEndpoint(endpoint, addressType, `endpoints[${at}]`))
    }
  }
  return errors
}

function validatePorts(ports: EndpointPort[], path: string): FieldError[] {
  if (ports.length > maxPorts) return [tooMany(path, ports.length, maxPorts)]
  const names = new Set<string>()
  return ports.flatMap(({ name = '', protocol, appProtocol }, at) => {
    const where = `${path}[${at}]`
    const errors = name ? invalidFor(`${where}.name`, name, checkDns1123Label(name)) : []
    if (names.has(name)) errors.push(duplicate(`${where}.name`, name))
    names.add(name)
    if (protocol === undefined) errors.push(required(`${where}.protocol`))
    else if (!protocols.includes(protocol)) {
      errors.push(notSupported(`${where}.protocol`, protocol, protocols))
    }
    if (appProtocol === undefined) return errors
    return [...errors, ...invalidFor(`${where}.appProtocol`, appProtocol, checkQualifiedName(appProtocol))]
  })
}

function validateEndpoint(endpoint: Endpoint, addressType: string, path: string): FieldError[] {
  const { addresses = [], deprecatedTopology = {}, hints, hostname, nodeName } = endpoint
  const errors: FieldError[] = []
  if (addresses.length === 0) errors.push(required(`${path}.addresses`, 'must contain at least 1 address'))
  else if (addresses.length > maxAddresses) {
    errors.push(tooMany(`${path}.addresses`, addresses.length, maxAddresses))
  }
  for (const [at, address] of addresses.entries()) {
    errors.push(...validateAddress(address, addressType, { list: `${path}.addresses`, at }))
  }
  if (nodeName !== undefined) {
    errors.push(...invalidFor(`${path}.nodeName`, nodeName, checkDns1123Subdomain(nodeName)))
  }
  const topologyPath = `${path}.deprecatedTopology`
  const labels = Object.keys(deprecatedTopology).length
  if (labels > maxTopologyLabels) errors.push(tooMany(topologyPath, labels, maxTopologyLabels))
  errors.push(...validateLabels(deprecatedTopology, topologyPath))
  if (hostname !== undefined) {
    errors.push(...invalidFor(`${path}.hostname`, hostname, checkDns1123Label(hostname)))
  }
  errors.push(...validateHints(hints?.forZones ?? [], checkLabelValue, `${path}.hints.forZones`))
  return [...errors, ...validateHints(hints?.forNodes ?? [], checkDns1123Subdomain, `${path}.hints.forNodes`)]
}

function validateAddress(
  address: string,
  addressType: string,
  { list, at }: { list: string; at: number },
): FieldError[] {
  const path = `${list}[${at}]`
  if (addressType === 'FQDN') return validateDomainName(address, path)
  const family = addressType === 'IPv4' ? 4 : addressType === 'IPv6' ? 6 : undefined
  // Addresses of a type that nobody knows are not looked at.
  if (family === undefined) return []
  const errors = invalidFor(path, address, checkIp(address))
  if (errors.length > 0) return errors
  // Upstream names the list alone.
  if (isIP(address) !== family) errors.push(invalidValue(list, address, `must be an ${addressType} address`))
  return [...errors, ...invalidFor(path, address, checkOrdinaryIp(address))]
}

function validateHints(
  hints: { name: string }[],
  check: (name: string) => string[],
  path: string,
): FieldError[] {
  if (hints.length > maxHints) return [tooMany(path, hints.length, maxHints)]
  return hints.flatMap(({ name }, at) => {
    const where = `${path}[${at}].name`
    const isRepeated = hints.findIndex((hint) => hint.name === name) < at
    return [...(isRepeated ? [duplicate(where, name)] : []), ...invalidFor(where, name, check(name))]
  })
}
