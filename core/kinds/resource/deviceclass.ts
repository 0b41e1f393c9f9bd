import type { DeviceClass } from '../../api/generated/resource-v1.ts'
import type { FieldError } from '../../api/status.ts'
import { defineKind } from '../../registry/kind.ts'
import { ageColumn, nameColumn } from '../columns.ts'
import { invalidFor, invalidValue, tooMany } from '../../api/field-errors.ts'
import { checkQualifiedName } from '../validation/formats.ts'
import { validateSelectors } from './device-claim.ts'
import { validateConfiguration } from './device-configuration.ts'

const maxConfigs = 32

export const deviceClass = defineKind<DeviceClass>({
  group: 'resource.k8s.io',
  version: 'v1',
  kind: 'DeviceClass',
  namespaced: false,
  names: { plural: 'deviceclasses', singular: 'deviceclass' },
  schema: 'io.k8s.api.resource.v1.DeviceClass',
  returnsDeletedObject: true,
  tracksGeneration: true,
  columns: [nameColumn(), ageColumn()],
  validate({ spec }) {
    const { selectors = [], config = [], extendedResourceName } = spec
    return [
      ...validateSelectors(selectors, 'spec.selectors'),
      ...(config.length > maxConfigs ? [tooMany('spec.config', config.length, maxConfigs)] : []),
      ...config.flatMap((one, at) => validateConfiguration(one, `spec.config[${at}]`)),
      ...validateResourceName(extendedResourceName, 'spec.extendedResourceName'),
    ]
  },
})

/** An extended resource's name: qualified, outside kubernetes.io. */
function validateResourceName(name: string | undefined, path: string): FieldError[] {
  if (name === undefined) return []
  const problems = checkQualifiedName(name)
  if (problems.length > 0) return invalidFor(path, name, problems)
  const isExtended = name.includes('/') && !name.includes('kubernetes.io/') && !name.startsWith('requests.')
  return isExtended ? [] : [invalidValue(path, name, 'must be a valid extended resource name')]
}
