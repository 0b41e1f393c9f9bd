import type { ResourceQuota } from '../../api/generated/core-v1.ts'
import { defineKind } from '../../registry/kind.ts'
import { ageColumn, nameColumn } from '../columns.ts'
import { deepEqual } from '../validation/deep-equal.ts'
import { immutable } from '../../api/field-errors.ts'
import { roundQuantities } from './resource-lists.ts'
import { validateQuotaAmounts, validateQuotaSpec } from './quota/quota-spec.ts'

export const resourceQuota = defineKind<ResourceQuota>({
  group: '',
  version: 'v1',
  kind: 'ResourceQuota',
  namespaced: true,
  names: { plural: 'resourcequotas', singular: 'resourcequota', short: ['quota'] },
  schema: 'io.k8s.api.core.v1.ResourceQuota',
  returnsDeletedObject: true,
  tracksGeneration: false,
  columns: [
    nameColumn(),
    { name: 'Request', type: 'string', value: (object) => usageText(object, (name) => !isLimit(name)) },
    { name: 'Limit', type: 'string', value: (object) => usageText(object, isLimit) },
    ageColumn(),
  ],
  default(object) {
    object.spec ??= {}
    roundQuantities(object.spec.hard, object.status?.hard, object.status?.used)
  },
  validate: ({ spec }) => validateQuotaSpec(spec, 'spec'),
  validateUpdate: ({ spec }, old) =>
    deepEqual(sortedSet(spec.scopes), sortedSet(old.spec.scopes))
      ? []
      : [immutable('spec.scopes', spec.scopes)],
  status: {
    validateUpdate: ({ status }) => [
      ...validateQuotaAmounts(status?.hard, 'status.hard'),
      ...validateQuotaAmounts(status?.used, 'status.used'),
    ],
  },
})

function sortedSet(scopes: string[] | undefined): string[] {
  return [...new Set(scopes)].sort()
}

function isLimit(name: string): boolean {
  return name.startsWith('limits.')
}

/** `cpu: 1/4, pods: 3/10`: what is used of what is allowed. */
function usageText({ status }: ResourceQuota, isWanted: (name: string) => boolean): string {
  return Object.entries(status?.hard ?? {})
    .filter(([name]) => isWanted(name))
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, hard]) => `${name}: ${status?.used?.[name] ?? '0'}/${hard}`)
    .join(', ')
}
