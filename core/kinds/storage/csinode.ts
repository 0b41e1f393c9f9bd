import { internalForm } from '../validation/internal-form.ts'
import type { CSINode, CSINodeDriver } from '../../api/generated/storage-v1.ts'
import type { FieldError } from '../../api/status.ts'
import { defineKind } from '../../registry/kind.ts'
import { ageColumn, nameColumn } from '../columns.ts'
import { validateNonNegative } from '../core/pod/handler-validation.ts'
import { deepEqual } from '../validation/deep-equal.ts'
import { duplicate, immutable, invalidFor, invalidValue, required } from '../../api/field-errors.ts'
import { checkQualifiedName } from '../validation/formats.ts'
import { validateDriverName } from './driver-name.ts'
import { repeats } from '../validation/repeats.ts'

const maxNodeIdLength = 256

export const csiNode = defineKind<CSINode>({
  group: 'storage.k8s.io',
  version: 'v1',
  kind: 'CSINode',
  namespaced: false,
  names: { plural: 'csinodes', singular: 'csinode' },
  schema: 'io.k8s.api.storage.v1.CSINode',
  returnsDeletedObject: true,
  requiresResourceVersion: true,
  columns: [
    nameColumn(),
    { name: 'Drivers', type: 'integer', value: ({ spec }) => (spec.drivers ?? []).length },
    ageColumn(),
  ],
  validate: ({ spec }) => validateDrivers(spec.drivers ?? [], 'spec.drivers'),
  validateUpdate({ spec }, old) {
    const drivers = new Map((spec.drivers ?? []).toReversed().map((driver) => [driver.name, driver]))
    return (old.spec.drivers ?? []).flatMap((before) => {
      const after = drivers.get(before.name)
      // How many volumes fit may change as a driver learns more; the rest of an entry may not.
      const { allocatable: _, ...fixed } = before
      if (!after || deepEqual({ ...after, allocatable: undefined }, fixed)) return []
      return [
        immutable(
          'spec.drivers',
          internalForm('storage.CSINodeDriver', { ...after, allocatable: undefined }),
        ),
      ]
    })
  },
})

function validateDrivers(drivers: CSINodeDriver[], path: string): FieldError[] {
  const names = new Set<string>()
  return drivers.flatMap(({ name, nodeID, allocatable, topologyKeys = [] }, at) => {
    const where = `${path}[${at}]`
    const errors = validateDriverName(name, `${where}.name`)
    if (!nodeID) errors.push(required(`${where}.nodeID`))
    else if (nodeID.length > maxNodeIdLength) {
      errors.push(invalidValue(`${where}.nodeID`, nodeID, `must be ${maxNodeIdLength} characters or less`))
    }
    errors.push(...validateNonNegative(allocatable?.count, `${where}.allocatable.count`))
    if (names.has(name)) errors.push(duplicate(`${where}.name`, name))
    names.add(name)
    // The keys are told apart by what is wrong with them alone, as upstream.
    const repeated = repeats(topologyKeys)
    for (const [index, key] of topologyKeys.entries()) {
      if (key === '') errors.push(required(where))
      if (repeated.has(index)) errors.push(duplicate(where, key))
      errors.push(...invalidFor(where, key, checkQualifiedName(key)))
    }
    return errors
  })
}
