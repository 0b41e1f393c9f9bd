import type { TopologySelectorTerm } from '../../api/generated/core-v1.ts'
import type { StorageClass } from '../../api/generated/storage-v1.ts'
import type { FieldError } from '../../api/status.ts'
import { defineKind } from '../../registry/kind.ts'
import { ageColumn } from '../columns.ts'
import { warnOfNodeLabel } from '../core/node-labels.ts'
import { deepEqual } from '../validation/deep-equal.ts'
import {
  duplicate,
  forbiddenField,
  immutable,
  invalidFor,
  notSupported,
  required,
} from '../../api/field-errors.ts'
import { checkLabelValue, checkQualifiedName } from '../validation/formats.ts'
import { isDefaultStorageClass } from '../../api/default-class.ts'
import { validateParameters } from './parameters.ts'
import { repeats } from '../validation/repeats.ts'

const reclaimPolicies = ['Delete', 'Retain']
const bindingModes = ['Immediate', 'WaitForFirstConsumer']

export const storageClass = defineKind<StorageClass>({
  group: 'storage.k8s.io',
  version: 'v1',
  kind: 'StorageClass',
  namespaced: false,
  names: { plural: 'storageclasses', singular: 'storageclass', short: ['sc'] },
  schema: 'io.k8s.api.storage.v1.StorageClass',
  returnsDeletedObject: true,
  columns: [
    {
      name: 'Name',
      type: 'string',
      format: 'name',
      value: (object) =>
        isDefaultStorageClass(object) ? `${object.metadata.name} (default)` : object.metadata.name,
    },
    { name: 'Provisioner', type: 'string', value: ({ provisioner }) => provisioner },
    { name: 'ReclaimPolicy', type: 'string', value: ({ reclaimPolicy }) => reclaimPolicy ?? 'Delete' },
    {
      name: 'VolumeBindingMode',
      type: 'string',
      value: ({ volumeBindingMode }) => volumeBindingMode ?? 'Immediate',
    },
    {
      name: 'AllowVolumeExpansion',
      type: 'string',
      value: ({ allowVolumeExpansion }) => allowVolumeExpansion ?? false,
    },
    ageColumn(),
  ],
  default(object) {
    object.reclaimPolicy ??= 'Delete'
    object.volumeBindingMode ??= 'Immediate'
  },
  validate: validateClass,
  warnings: ({ allowedTopologies = [] }) =>
    allowedTopologies.flatMap(({ matchLabelExpressions = [] }, at) =>
      matchLabelExpressions.flatMap(({ key }, index) => {
        const why = warnOfNodeLabel(key)
        return why ? [`allowedTopologies[${at}].matchLabelExpressions[${index}].key: ${why}`] : []
      }),
    ),
  validateUpdate(object, old) {
    const errors: FieldError[] = []
    if (!deepEqual(object.parameters, old.parameters)) {
      errors.push(forbiddenField('parameters', 'updates to parameters are forbidden.'))
    }
    for (const name of ['provisioner', 'reclaimPolicy'] as const) {
      if (object[name] !== old[name]) errors.push(forbiddenField(name, `updates to ${name} are forbidden.`))
    }
    if (object.volumeBindingMode !== old.volumeBindingMode) {
      errors.push(immutable('volumeBindingMode', object.volumeBindingMode))
    }
    return errors
  },
})

function validateClass(object: StorageClass): FieldError[] {
  const { provisioner, reclaimPolicy, volumeBindingMode } = object
  const errors = provisioner
    ? invalidFor('provisioner', provisioner, checkQualifiedName(provisioner.toLowerCase()))
    : [required('provisioner')]
  errors.push(...validateParameters(object.parameters, 'parameters'))
  if (reclaimPolicy && !reclaimPolicies.includes(reclaimPolicy)) {
    errors.push(notSupported('reclaimPolicy', reclaimPolicy, reclaimPolicies))
  }
  if (volumeBindingMode !== undefined && !bindingModes.includes(volumeBindingMode)) {
    errors.push(notSupported('volumeBindingMode', volumeBindingMode, bindingModes))
  }
  return [...errors, ...validateTopologies(object.allowedTopologies ?? [], 'allowedTopologies')]
}

function validateTopologies(terms: TopologySelectorTerm[], path: string): FieldError[] {
  return terms.flatMap((term, at) => {
    const where = `${path}[${at}].matchLabelExpressions`
    const keys = new Set<string>()
    const errors: FieldError[] = []
    for (const [index, { key, values = [] }] of (term.matchLabelExpressions ?? []).entries()) {
      const place = `${where}[${index}]`
      if (values.length === 0) errors.push(required(`${place}.values`))
      const repeated = repeats(values)
      for (const [position, value] of values.entries()) {
        if (repeated.has(position)) errors.push(duplicate(`${place}.values[${position}]`, value))
        errors.push(...invalidFor(`${place}.values[${position}]`, value, checkLabelValue(value)))
      }
      errors.push(...invalidFor(`${place}.key`, key, checkQualifiedName(key ?? '')))
      if (keys.has(key)) errors.push(duplicate(`${place}.key`, key))
      keys.add(key)
    }
    const before = terms.slice(0, at).filter((earlier) => deepEqual(earlier, term)).length
    // Upstream compares with as many empty terms beside those before it.
    const repeated = before + (term.matchLabelExpressions?.length ? 0 : terms.length)
    return [...errors, ...Array.from({ length: repeated }, () => duplicate(where, ''))]
  })
}
