import { randomUUID } from 'node:crypto'
import type { LimitRange } from '../../api/generated/core-v1.ts'
import { defineKind } from '../../registry/kind.ts'
import { defaultColumns } from '../columns.ts'
import { defaultLimitRangeItem, validateLimitRangeItems } from './quota/limit-range-items.ts'

export const limitRange = defineKind<LimitRange>({
  group: '',
  version: 'v1',
  kind: 'LimitRange',
  namespaced: true,
  names: { plural: 'limitranges', singular: 'limitrange', short: ['limits'] },
  schema: 'io.k8s.api.core.v1.LimitRange',
  createsOnUpdate: true,
  columns: defaultColumns(),
  default(object) {
    object.spec ??= { limits: [] }
    for (const item of object.spec.limits ?? []) defaultLimitRangeItem(item)
  },
  prepareForCreate({ metadata }) {
    metadata.name ||= randomUUID()
  },
  validate: ({ spec }) => validateLimitRangeItems(spec.limits ?? [], 'spec.limits'),
})
