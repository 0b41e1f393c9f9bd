import { Plug } from '@lucide/vue'
import type { APIService } from '../../core/api/api-service.ts'
import { findCondition } from '../../core/api/conditions.ts'
import type { Resource } from '../../core/api/gvk.ts'
import ServedBy from '../components/sections/ServedBy.vue'
import * as column from '../kit/columns.ts'
import { defineKindView } from '../kit/kind-view.ts'

/** APIServices. */
export const apiServices = defineKindView<APIService>({
  resource: {
    group: 'apiregistration.k8s.io',
    version: 'v1',
    resource: 'apiservices',
    kind: 'APIService',
    namespaced: false,
  } satisfies Resource<APIService>,
  section: 'cluster',
  order: 50,
  icon: Plug,
  title: 'kind.apiServices',
  columns: [
    column.nameColumn(),
    column.statusColumn('Available', (_, text) => (text === 'True' ? 'ok' : 'bad')),
    column.cellColumn('service', 'Service', { title: 'apiService.by', width: 180, grow: 1 }),
    column.labelsColumn(),
    column.ageColumn(),
  ],
  summary({ status }) {
    const available = findCondition(status?.conditions, 'Available')
    if (!available) return undefined
    return available.status === 'True'
      ? { text: available.type, tone: 'ok' }
      : { text: available.reason ?? available.status, tone: 'bad' }
  },
  sections: [{ id: 'servedBy', title: 'section.servedBy', component: ServedBy }],
  diagnose({ status }) {
    const available = findCondition(status?.conditions, 'Available')
    if (!available || available.status === 'True') return []
    return [
      { tone: 'bad', text: 'finding.apiService', ...(available.message && { detail: available.message }) },
    ]
  },
})
