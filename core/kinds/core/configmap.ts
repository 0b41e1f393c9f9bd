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
    const errors: FieldError[] = []
    let size = 0
    for (const key of Object.keys(data)) {
      errors.push(...validateDataKey(key, 'data'))
      if (key in binaryData)
        errors.push(invalidValue(`data[${key}]`, key, 'duplicate of key present in binaryData'))
      size += Buffer.byteLength(data[key]!)
    }
    for (const key of Object.keys(binaryData)) {
      errors.push(...validateDataKey(key, 'binaryData'))
      size += Buffer.byteLength(binaryData[key]!, 'base64')
    }
    if (size > maxBytes) errors.push(tooLong('[]', maxBytes))
    return errors
  },
  validateUpdate(object, old): FieldError[] {
    return validateImmutableData(object, old, ['data', 'binaryData'])
  },
})
