import type { VolumeAttributesClass } from '../../api/generated/storage-v1.ts'
import { defineKind } from '../../registry/kind.ts'
import { ageColumn } from '../columns.ts'
import { deepEqual } from '../validation/deep-equal.ts'
import { forbiddenField, invalidFor, required } from '../../api/field-errors.ts'
import { checkQualifiedName } from '../validation/formats.ts'
import { validateParameters } from './parameters.ts'

const defaultAnnotation = 'storage.alpha.kubernetes.io/is-default-class'

export const volumeAttributesClass = defineKind<VolumeAttributesClass>({
  group: 'storage.k8s.io',
  version: 'v1',
  kind: 'VolumeAttributesClass',
  namespaced: false,
  names: { plural: 'volumeattributesclasses', singular: 'volumeattributesclass', short: ['vac'] },
  schema: 'io.k8s.api.storage.v1.VolumeAttributesClass',
  returnsDeletedObject: true,
  columns: [
    {
      name: 'Name',
      type: 'string',
      format: 'name',
      value: ({ metadata }) =>
        metadata.annotations?.[defaultAnnotation] === 'true' ? `${metadata.name} (default)` : metadata.name,
    },
    { name: 'DriverName', type: 'string', value: ({ driverName }) => driverName },
    ageColumn(),
  ],
  validate: ({ driverName, parameters }) => [
    ...(driverName
      ? invalidFor('driverName', driverName, checkQualifiedName(driverName.toLowerCase()))
      : [required('driverName')]),
    ...validateParameters(parameters, 'parameters', { isRequired: true }),
  ],
  validateUpdate(object, old) {
    const fixed = ['driverName', 'parameters'] as const
    return fixed.flatMap((name) =>
      deepEqual(object[name], old[name]) ? [] : [forbiddenField(name, `updates to ${name} are forbidden.`)],
    )
  },
})
