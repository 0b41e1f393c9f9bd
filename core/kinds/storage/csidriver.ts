import type { CSIDriver, CSIDriverSpec, TokenRequest } from '../../api/generated/storage-v1.ts'
import type { FieldError } from '../../api/status.ts'
import { defineKind } from '../../registry/kind.ts'
import { ageColumn, nameColumn } from '../columns.ts'
import { deepEqual } from '../validation/deep-equal.ts'
import { duplicate, immutable, invalidValue, notSupported, required } from '../../api/field-errors.ts'

const groupPolicies = ['File', 'None', 'ReadWriteOnceWithFSType']
const lifecycleModes = ['Persistent', 'Ephemeral']

export const csiDriver = defineKind<CSIDriver>({
  group: 'storage.k8s.io',
  version: 'v1',
  kind: 'CSIDriver',
  namespaced: false,
  names: { plural: 'csidrivers', singular: 'csidriver' },
  schema: 'io.k8s.api.storage.v1.CSIDriver',
  gatedFields: [{ gate: 'VolumeLimitScaling', paths: ['spec.preventPodSchedulingIfMissing'] }],
  returnsDeletedObject: true,
  tracksGeneration: true,
  requiresResourceVersion: true,
  columns: [
    nameColumn(),
    { name: 'AttachRequired', type: 'boolean', value: ({ spec }) => spec.attachRequired ?? true },
    { name: 'PodInfoOnMount', type: 'boolean', value: ({ spec }) => spec.podInfoOnMount ?? false },
    { name: 'StorageCapacity', type: 'boolean', value: ({ spec }) => spec.storageCapacity ?? false },
    {
      name: 'TokenRequests',
      type: 'string',
      value: ({ spec: { tokenRequests } }) =>
        tokenRequests ? tokenRequests.map(({ audience }) => audience).join(',') : '<unset>',
    },
    { name: 'RequiresRepublish', type: 'boolean', value: ({ spec }) => spec.requiresRepublish ?? false },
    {
      name: 'Modes',
      type: 'string',
      value: ({ spec }) => (spec.volumeLifecycleModes ?? []).join(',') || '<none>',
    },
    ageColumn(),
  ],
  default(object) {
    object.spec ??= {}
    const { spec } = object
    spec.attachRequired ??= true
    spec.podInfoOnMount ??= false
    spec.storageCapacity ??= false
    spec.requiresRepublish ??= false
    spec.seLinuxMount ??= false
    spec.fsGroupPolicy ??= 'ReadWriteOnceWithFSType'
    if (!spec.volumeLifecycleModes?.length) spec.volumeLifecycleModes = ['Persistent']
  },
  // A driver has a generation from its first change on, as upstream.
  prepareForCreate: ({ metadata }) => void delete metadata.generation,
  warnings: driverWarnings,
  validate: ({ spec }) => validateSpec(spec, 'spec'),
  validateUpdate({ spec }, old) {
    const { attachRequired, volumeLifecycleModes } = spec
    const errors: FieldError[] = []
    // The path is upstream's.
    if (attachRequired !== old.spec.attachRequired) {
      errors.push(immutable('spec.attachedRequired', attachRequired))
    }
    if (!deepEqual(volumeLifecycleModes, old.spec.volumeLifecycleModes)) {
      errors.push(immutable('spec.volumeLifecycleModes', volumeLifecycleModes))
    }
    return errors
  },
})

/** Tokens that are newly asked for are better handed over as secrets. */
function driverWarnings({ spec }: CSIDriver, old: CSIDriver | undefined): string[] {
  const { tokenRequests = [], serviceAccountTokenInSecrets } = spec
  if (tokenRequests.length === 0 || serviceAccountTokenInSecrets !== undefined) return []
  if (old && deepEqual(tokenRequests, old.spec.tokenRequests)) return []
  return [
    'spec.serviceAccountTokenInSecrets is unset; if supported by this CSI driver, set to true to prevent possible logging of tokens in volume attributes',
  ]
}

function validateSpec(spec: CSIDriverSpec, path: string): FieldError[] {
  const { fsGroupPolicy, volumeLifecycleModes = [], nodeAllocatableUpdatePeriodSeconds: period } = spec
  const errors: FieldError[] = []
  if (fsGroupPolicy !== undefined && !groupPolicies.includes(fsGroupPolicy)) {
    errors.push(notSupported(`${path}.fsGroupPolicy`, fsGroupPolicy, groupPolicies))
  }
  errors.push(...validateTokenRequests(spec.tokenRequests ?? [], `${path}.tokenRequests`))
  for (const mode of volumeLifecycleModes.filter((one) => !lifecycleModes.includes(one))) {
    errors.push(notSupported(`${path}.volumeLifecycleModes`, mode, lifecycleModes))
  }
  if (spec.seLinuxMount === undefined) errors.push(required(`${path}.seLinuxMount`))
  if (period !== undefined && period < 10) {
    const why = 'must be greater than or equal to 10 seconds'
    errors.push(invalidValue(`${path}.nodeAllocatableUpdatePeriodSeconds`, period, why))
  }
  const { serviceAccountTokenInSecrets: inSecrets } = spec
  if (inSecrets !== undefined && !spec.tokenRequests?.length) {
    const why = 'serviceAccountTokenInSecrets is set but no tokenRequests are specified'
    errors.push(invalidValue(`${path}.serviceAccountTokenInSecrets`, inSecrets, why))
  }
  return errors
}

function validateTokenRequests(requests: TokenRequest[], path: string): FieldError[] {
  const audiences = new Set<string>()
  return requests.flatMap(({ audience, expirationSeconds: seconds }, at) => {
    const where = `${path}[${at}]`
    if (audiences.has(audience)) return [duplicate(`${where}.audience`, audience)]
    audiences.add(audience)
    const errors: FieldError[] = []
    if (seconds !== undefined && seconds < 600) {
      const why = 'may not specify a duration less than 10 minutes'
      errors.push(invalidValue(`${where}.expirationSeconds`, seconds, why))
    } else if (seconds !== undefined && seconds > 2 ** 32) {
      const why = 'may not specify a duration larger than 2^32 seconds'
      errors.push(invalidValue(`${where}.expirationSeconds`, seconds, why))
    }
    return errors
  })
}
