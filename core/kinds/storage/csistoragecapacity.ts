import type { CSIStorageCapacity } from '../../api/generated/storage-v1.ts'
import type { FieldError } from '../../api/status.ts'
import { defineKind } from '../../registry/kind.ts'
import { defaultColumns } from '../columns.ts'
import { warnOfNodeLabel } from '../core/node-labels.ts'
import { validateQuantity } from '../core/pod/resources-validation.ts'
import { deepEqual } from '../validation/deep-equal.ts'
import { immutable, invalidFor } from '../../api/field-errors.ts'
import { checkDns1123Subdomain } from '../validation/formats.ts'
import { validateLabelSelector } from '../validation/label-selector.ts'

export const csiStorageCapacity = defineKind<CSIStorageCapacity>({
  group: 'storage.k8s.io',
  version: 'v1',
  kind: 'CSIStorageCapacity',
  namespaced: true,
  requiresResourceVersion: true,
  names: { plural: 'csistoragecapacities', singular: 'csistoragecapacity' },
  schema: 'io.k8s.api.storage.v1.CSIStorageCapacity',
  columns: defaultColumns(),
  validate(object) {
    const name = object.storageClassName ?? ''
    const errors: FieldError[] = [
      ...validateLabelSelector(object.nodeTopology, 'nodeTopology'),
      ...invalidFor('storageClassName', name, checkDns1123Subdomain(name)),
    ]
    const { capacity } = object
    return capacity === undefined ? errors : [...errors, ...validateQuantity(capacity, 'capacity')]
  },
  warnings: ({ nodeTopology }) => [
    ...(nodeTopology?.matchExpressions ?? []).flatMap(({ key }, at) => {
      const why = warnOfNodeLabel(key)
      return why ? [`nodeTopology.matchExpressions[${at}].key: ${why}`] : []
    }),
    ...Object.keys(nodeTopology?.matchLabels ?? {}).flatMap((key) => {
      const why = warnOfNodeLabel(key)
      return why ? [`nodeTopology.matchLabels.${key}: ${why}`] : []
    }),
  ],
  validateUpdate(object, old) {
    const fixed = ['nodeTopology', 'storageClassName'] as const
    return fixed.flatMap((name) =>
      deepEqual(object[name], old[name]) ? [] : [immutable(name, object[name])],
    )
  },
})
