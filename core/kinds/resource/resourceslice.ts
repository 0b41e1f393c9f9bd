import type { ResourceSlice, ResourceSliceSpec } from '../../api/generated/resource-v1.ts'
import { immutable, invalidValue, required } from '../../api/field-errors.ts'
import { goQuote } from '../../api/go-text.ts'
import type { FieldError } from '../../api/status.ts'
import { defineKind } from '../../registry/kind.ts'
import { ageColumn, nameColumn } from '../columns.ts'
import { validateDriverName } from '../storage/driver-name.ts'
import { validateCounterSets } from './device-counter-validation.ts'
import { givenPlaces, placesText } from './device-places.ts'
import { validateDevice } from './device-validation.ts'
import { validateSet } from './item-validation.ts'
import { validatePoolName } from './pool-name.ts'

const maxDevices = 128
const maxDevicesWithTaintsOrCounters = 64
const onePlace = 'exactly one of `nodeName`, `nodeSelector`, `allNodes`, `perDeviceNodeSelection` is required'

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
  warnings: ({ spec: { driver } }) =>
    driver === driver.toLowerCase()
      ? []
      : [`spec.driver: driver names should be lowercase; ${goQuote(driver)} contains uppercase characters`],
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

/** Upstream: pkg/apis/resource/validation validateResourceSliceSpec. */
function validateSpec(spec: ResourceSliceSpec, path: string): FieldError[] {
  const { devices = [], sharedCounters = [], perDeviceNodeSelection = false } = spec
  const errors = [
    ...validateDriverName(spec.driver, `${path}.driver`),
    ...validatePool(spec.pool, `${path}.pool`),
    ...validatePlaces(spec, path),
  ]
  if (spec.sharedCounters && spec.devices) {
    errors.push(invalidValue(path, '', 'only one of `sharedCounters` or `devices` is allowed'))
  }
  const isCostly = devices.some(
    ({ taints = [], consumesCounters = [] }) => taints.length > 0 || consumesCounters.length > 0,
  )
  errors.push(
    ...validateSet(devices, `${path}.devices`, {
      max: isCostly ? maxDevicesWithTaintsOrCounters : maxDevices,
      key: ({ name }) => name,
      validate: (device, where) => validateDevice(device, where, perDeviceNodeSelection),
    }),
  )
  return [...errors, ...validateCounterSets(sharedCounters, `${path}.sharedCounters`)]
}

/** Where the devices are: at one node, at some, at all, or each says it. */
function validatePlaces(spec: ResourceSliceSpec, path: string): FieldError[] {
  const { given, errors } = givenPlaces(spec, path, 'must be either unset or set to a non-empty string')
  const { nodeSelector, perDeviceNodeSelection } = spec
  const terms = nodeSelector?.nodeSelectorTerms ?? []
  if (nodeSelector && terms.length !== 1) {
    const why = 'must have exactly one node selector term'
    errors.push(invalidValue(`${path}.nodeSelector.nodeSelectorTerms`, terms, why))
  }
  if (perDeviceNodeSelection) given.push('perDeviceNodeSelection')
  else if (perDeviceNodeSelection === false) {
    errors.push(invalidValue(`${path}.perDeviceNodeSelection`, false, 'must be either unset or set to true'))
  }
  if (given.length === 0) errors.push(required(path, onePlace))
  if (given.length > 1) {
    errors.push(invalidValue(path, placesText(given), `${onePlace}, but multiple fields are set`))
  }
  return errors
}

function validatePool(pool: ResourceSliceSpec['pool'] | undefined, path: string): FieldError[] {
  const { name = '', resourceSliceCount: count = 0, generation = 0 } = pool ?? {}
  const errors = validatePoolName(name, `${path}.name`)
  if (count <= 0) errors.push(invalidValue(`${path}.resourceSliceCount`, count, 'must be greater than zero'))
  if (generation < 0) {
    errors.push(invalidValue(`${path}.generation`, generation, 'must be greater than or equal to zero'))
  }
  return errors
}
