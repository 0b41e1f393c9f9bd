import { Waypoints } from '@lucide/vue'
import type { Service } from '../../core/api/generated/core-v1.ts'
import { resources } from '../../core/api/resources.ts'
import SelectedPods from '../components/sections/SelectedPods.vue'
import ServiceAddresses from '../components/sections/ServiceAddresses.vue'
import ServiceEndpoints from '../components/sections/ServiceEndpoints.vue'
import type { ActionTarget } from '../kit/action.ts'
import * as column from '../kit/columns.ts'
import { defineKindView } from '../kit/kind-view.ts'
import { logsAction, portForwardAction } from '../kit/pod-actions.ts'

/** A Service without a selector has no pods of its own whose logs could be shown. */
function hasSelector({ object, row }: ActionTarget): boolean {
  const selector = object ? (object as Service).spec.selector : row?.data?.selector
  return Object.keys((selector as object | undefined) ?? {}).length > 0
}

/** Services. */
export const services = defineKindView<Service>({
  resource: resources.services,
  section: 'network',
  order: 10,
  icon: Waypoints,
  title: 'kind.services',
  columns: [
    column.nameColumn(),
    column.namespaceColumn(),
    column.cellColumn('type', 'Type', { title: 'column.type', width: 106 }),
    column.cellColumn('clusterIP', 'Cluster-IP', { title: 'column.clusterIP', width: 116 }),
    column.cellColumn('externalIP', 'External-IP', { title: 'column.externalIP', width: 116 }),
    column.cellColumn('ports', 'Port(s)', { title: 'column.ports', width: 120, grow: 1 }),
    column.cellColumn('selector', 'Selector', { title: 'column.selector', width: 130, grow: 1 }),
    column.labelsColumn(),
    column.ageColumn(),
  ],
  summary: ({ spec }) => ({ text: spec.type ?? 'ClusterIP', tone: 'off' }),
  sections: [
    { id: 'addresses', title: 'section.addresses', component: ServiceAddresses },
    { id: 'endpoints', title: 'kind.endpoints', component: ServiceEndpoints },
    {
      id: 'pods',
      title: 'kind.pods',
      component: SelectedPods,
      when: ({ spec }) => Object.keys(spec.selector ?? {}).length > 0,
    },
  ],
  actions: [portForwardAction, { ...logsAction, when: hasSelector }],
  logs: 'selector',
  emptyHint: 'hint.services',
})
