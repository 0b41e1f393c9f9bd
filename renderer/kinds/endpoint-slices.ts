import { Split } from '@lucide/vue'
import type { EndpointSlice } from '../../core/api/generated/discovery-v1.ts'
import { resources } from '../../core/api/resources.ts'
import SliceEndpoints from '../components/sections/SliceEndpoints.vue'
import * as column from '../kit/columns.ts'
import { defineKindView } from '../kit/kind-view.ts'

/** EndpointSlices. */
export const endpointSlices = defineKindView<EndpointSlice>({
  resource: resources.endpointSlices,
  section: 'network',
  order: 30,
  icon: Split,
  title: 'kind.endpointSlices',
  columns: [
    column.nameColumn(),
    column.namespaceColumn(),
    column.cellColumn('addressType', 'AddressType', { title: 'column.type', width: 90 }),
    column.cellColumn('ports', 'Ports', { title: 'column.ports', width: 110 }),
    column.cellColumn('endpoints', 'Endpoints', { title: 'column.addresses', width: 200, grow: 2 }),
    column.ownerColumn(),
    column.labelsColumn(),
    column.ageColumn(),
  ],
  sections: [{ id: 'endpoints', title: 'column.addresses', component: SliceEndpoints }],
})
