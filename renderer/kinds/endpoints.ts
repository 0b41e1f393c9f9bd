import { Spline } from '@lucide/vue'
import type { Endpoints } from '../../core/api/generated/core-v1.ts'
import { resources } from '../../core/api/resources.ts'
import EndpointsSubsets from '../components/sections/EndpointsSubsets.vue'
import * as column from '../kit/columns.ts'
import { defineKindView } from '../kit/kind-view.ts'

/** Endpoints. */
export const endpoints = defineKindView<Endpoints>({
  resource: resources.endpoints,
  section: 'network',
  order: 20,
  icon: Spline,
  title: 'kind.endpoints',
  columns: [
    column.nameColumn(),
    column.namespaceColumn(),
    column.cellColumn('endpoints', 'Endpoints', { title: 'column.addresses', width: 240, grow: 3 }),
    column.labelsColumn(),
    column.ageColumn(),
  ],
  sections: [{ id: 'subsets', title: 'column.addresses', component: EndpointsSubsets }],
})
