import type { ConfigMap } from '../../api/generated/core-v1.ts'
import type { FieldError } from '../../api/status.ts'
import { defineKind } from '../../registry/kind.ts'
import { ageColumn, nameColumn } from '../columns.ts'
import { validateDataKey, validateImmutableData } from '../validation/data-map.ts'
import { invalidValue, tooLong } from '../../api/field-errors.ts'

const maxBytes = 1024 * 1024

export const configMap = defineKind<ConfigMap>({
  group: '',
  version: 'v1',
  kind: 'ConfigMap',
  namespaced: true,
  names: { plural: 'configmaps', singular: 'configmap', short: ['cm'] },
  schema: 'io.k8s.api.core.v1.ConfigMap',
  columns: [
    nameColumn(),
    {
      name: 'Data',
      type: 'string',
      value: ({ data = {}, binaryData = {} }) => Object.keys(data).length + Object.keys(binaryData).length,
    },
    ageColumn(),
  ],
  validate(object) {
    const { data = {}, binaryData = {} } = object
    const errors = Object.keys(data).flatMap((key) => [
      ...validateDataKey(key, 'data'),
      ...(key in binaryData
        ? [invalidValue(`data[${key}]`, key, 'duplicate of key present in binaryData')]
        : []),
    ])
    errors.push(...Object.keys(binaryData).flatMap((key) => validateDataKey(key, 'binaryData')))
    const size =
      Object.values(data).reduce((sum, value) => sum + Buffer.byteLength(value), 0) +
      Object.values(binaryData).reduce((sum, value) => sum + Buffer.byteLength(value, 'base64'), 0)
    if (size > maxBytes) errors.push(tooLong('[]', maxBytes))
    return errors
  },
  validateUpdate(object, old): FieldError[] {
    return validateImmutableData(object, old, ['data', 'binaryData'])
  },
})
