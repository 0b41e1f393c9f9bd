import { findCondition } from '../../api/conditions.ts'
import type { ComponentStatus } from '../../api/generated/core-v1.ts'
import { defineKind } from '../../registry/kind.ts'
import { nameColumn } from '../columns.ts'

/** How the parts of the control plane are, worked out when it is asked for. */
export const componentStatus = defineKind<ComponentStatus>({
  group: '',
  version: 'v1',
  kind: 'ComponentStatus',
  namespaced: false,
  names: { plural: 'componentstatuses', singular: 'componentstatus', short: ['cs'] },
  schema: 'io.k8s.api.core.v1.ComponentStatus',
  isVirtual: true,
  withoutVerbs: ['watch', 'create', 'update', 'patch', 'delete', 'deletecollection'],
  deprecationWarning: 'v1 ComponentStatus is deprecated in v1.19+',
  columns: [
    nameColumn(),
    {
      name: 'Status',
      type: 'string',
      value({ conditions }) {
        const healthy = findCondition(conditions, 'Healthy')
        if (!healthy) return 'Unknown'
        return healthy.status === 'True' ? 'Healthy' : 'Unhealthy'
      },
    },
    {
      name: 'Message',
      type: 'string',
      value: ({ conditions }) => findCondition(conditions, 'Healthy')?.message ?? '',
    },
    {
      name: 'Error',
      type: 'string',
      value: ({ conditions }) => findCondition(conditions, 'Healthy')?.error ?? '',
    },
  ],
})
