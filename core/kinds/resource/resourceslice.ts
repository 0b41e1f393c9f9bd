import type { Device, ResourceSlice, ResourceSliceSpec } from '../../api/generated/resource-v1.ts'
import type { FieldError } from '../../api/status.ts'
import { defineKind } from '../../registry/kind.ts'
import { ageColumn, nameColumn } from '../columns.ts'
import { validateNodeTerm } from '../core/pod/node-selector-validation.ts'
import { validateQuantity } from '../core/pod/resources-validation.ts'
import { validateDriverName } from '../storage/driver-name.ts'
import {
  duplicate,
  immutable,
  invalidFor,
  invalidValue,
  required,
  tooLong,
  tooMany,
} from '../../api/field-errors.ts'
import { validateCapacityPolicies } from './capacity-policy.ts'
import { checkDns1123Label, checkDns1123Subdomain } from '../validation/formats.ts'

const maxDevices = 128
const maxAttributes = 32
const maxPoolName = 253
const places = ['nodeName', 'nodeSelector', 'allNodes', 'perDeviceNodeSelection'] as const
const onePlace = `exactly one of ${places.map((name) => `\`${name}\``).join(', ')} is required`
const attributeTypes = ['int', 'bool', 'string', 'version', 'ints', 'bools', 'strings', 'versions'] as const

export const resourceSlice = defineKind<ResourceSlice>({
  group: 'resource.k8s.io',
  version: 'v1',
  kind: 'ResourceSlice',
  namespaced: false,
  names: { plural: 'resourceslices', singular: 'resourceslice' },
  schema: 'io.k8s.api.resource.v1.ResourceSlice',
  gatedFields: [
    {
      gate: 'DRANodeAllocatableResources',
      paths: ['spec.devices[].nodeAllocatableResourceMappings'],
    },
    {
      gate: 'DRAListTypeAttributes',
      paths: ['bools', 'ints', 'strings', 'versions'].map((field) => `spec.devices[].attributes{}.${field}`),
    },
  ],
  returnsDeletedObject: true,
  tracksGeneration: true,
  columns: [
    nameColumn(),
    { name: 'Node', type: 'string', value: ({ spec }) => spec.nodeName ?? '' },
    { name: 'Driver', type: 'string', value: ({ spec }) => spec.driver },
    { name: 'Pool', type: 'string', value: ({ spec }) => spec.pool?.name ?? '' },
    ageColumn(),
  ],
  prepareForCreate: ({ spec }, { now }) => stampTaints(spec, now),
  prepareForUpdate: ({ spec }, _old, { now }) => stampTaints(spec, now),
  validate: ({ spec }) => validateSpec(spec, 'spec'),
  validateUpdate({ spec }, old) {
    const errors: FieldError[] = []
    for (const name of ['nodeName', 'driver'] as const) {
      if (spec[name] !== old.spec[name]) errors.push(immutable(`spec.${name}`, spec[name]))
    }
    if (spec.pool?.name !== old.spec.pool?.name) errors.push(immutable('spec.pool.name', spec.pool?.name))
    return errors
  },
  selectableFields: {
    'spec.nodeName': ({ spec }) => spec.nodeName ?? '',
    'spec.driver': ({ spec }) => spec.driver,
  },
  refuseField: (field) => `field label not supported for resource.k8s.io/v1, Kind=ResourceSlice: ${field}`,
})

/** A taint counts from when it is first seen. */
function stampTaints(spec: ResourceSliceSpec, now: string): void {
  for (const { taints = [] } of spec.devices ?? []) {
    for (const taint of taints) taint.timeAdded ??= now
  }
}

function validateSpec(spec: ResourceSliceSpec, path: string): FieldError[] {
  const { pool, devices = [], nodeName, nodeSelector } = spec
  const errors = validateDriverName(spec.driver, `${path}.driver`)
  errors.push(...validatePool(pool, `${path}.pool`))
  const given = places.filter((name) => spec[name])
  if (given.length === 0) errors.push(required(path, onePlace))
  else if (given.length > 1) {
    errors.push(invalidValue(path, given.join(', '), `${onePlace}, but multiple fields are set`))
  }
  if (nodeName) errors.push(...invalidFor(`${path}.nodeName`, nodeName, checkDns1123Subdomain(nodeName)))
  const terms = nodeSelector?.nodeSelectorTerms ?? []
  errors.push(
    ...terms.flatMap((term, at) => validateNodeTerm(term, `${path}.nodeSelector.nodeSelectorTerms[${at}]`)),
  )
  if (devices.length > maxDevices) errors.push(tooMany(`${path}.devices`, devices.length, maxDevices))
  const names = new Set<string>()
  for (const [at, device] of devices.entries()) {
    errors.push(...validateDevice(device, `${path}.devices[${at}]`))
    if (names.has(device.name)) errors.push(duplicate(`${path}.devices[${at}]`, device.name))
    names.add(device.name)
  }
  return errors
}

function validatePool(pool: ResourceSliceSpec['pool'] | undefined, path: string): FieldError[] {
  const { name = '', resourceSliceCount: count = 0, generation = 0 } = pool ?? {}
  const errors: FieldError[] = []
  if (name === '') errors.push(required(`${path}.name`))
  else {
    if (name.length > maxPoolName) errors.push(tooLong(`${path}.name`, maxPoolName))
    for (const part of name.split('/'))
      errors.push(...invalidFor(`${path}.name`, part, checkDns1123Subdomain(part)))
  }
  if (count <= 0) errors.push(invalidValue(`${path}.resourceSliceCount`, count, 'must be greater than zero'))
  if (generation < 0) {
    errors.push(invalidValue(`${path}.generation`, generation, 'must be greater than or equal to zero'))
  }
  return errors
}

function validateDevice(device: Device, path: string): FieldError[] {
  const { name, attributes = {}, capacity = {} } = device
  const errors = name ? invalidFor(`${path}.name`, name, checkDns1123Label(name)) : [required(`${path}.name`)]
  const count = Object.keys(attributes).length + Object.keys(capacity).length
  if (count > maxAttributes) {
    const why = `the total number of attributes and capacities must not exceed ${maxAttributes}`
    errors.push(invalidValue(path, count, why))
  }
  for (const [key, attribute] of Object.entries(attributes)) {
    const given = attributeTypes.filter((type) => attribute[type] !== undefined)
    const where = `${path}.attributes[${key}]`
    if (given.length === 0) errors.push(required(where, 'exactly one value must be specified'))
    if (given.length > 1) errors.push(invalidValue(where, attribute, 'exactly one value must be specified'))
  }
  for (const [key, { value }] of Object.entries(capacity)) {
    errors.push(...validateQuantity(value, `${path}.capacity[${key}].value`))
  }
  return [...errors, ...validateCapacityPolicies(device, path)]
}
