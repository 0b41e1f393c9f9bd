import { h } from 'vue'
import type { LiveRow } from '../../core/api/live.ts'
import UsageCell from '../components/usage/UsageCell.vue'
import type { UsageResource } from './amount.ts'
import type { KindColumn } from './kind-view.ts'
import { readUsage, type UsageSubject } from './usage-row.ts'

function usageColumn(resource: UsageResource, subjectOf: (row: LiveRow) => UsageSubject): KindColumn {
  return {
    id: resource === 'milliCpu' ? 'cpu' : 'memory',
    title: resource === 'milliCpu' ? 'column.cpu' : 'column.memory',
    width: resource === 'milliCpu' ? 104 : 116,
    followsUsage: true,
    sortKey: ({ row, usage }) => -((usage && readUsage(usage, subjectOf(row))?.[resource]) ?? -1),
    render: ({ row }) => h(UsageCell, { resource, subject: subjectOf(row) }),
  }
}

/** CPU and memory as `kubectl top` tells them, most used first, with how much that is of what the object may use. */
export function usageColumns(subjectOf: (row: LiveRow) => UsageSubject): KindColumn[] {
  return [usageColumn('milliCpu', subjectOf), usageColumn('memory', subjectOf)]
}
