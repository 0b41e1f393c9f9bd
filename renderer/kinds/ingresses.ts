import { Route } from '@lucide/vue'
import type { Ingress } from '../../core/api/generated/networking-v1.ts'
import { resources } from '../../core/api/resources.ts'
import IngressRoutes from '../components/sections/IngressRoutes.vue'
import * as column from '../kit/columns.ts'
import { defineKindView } from '../kit/kind-view.ts'

/** Ingresses. */
export const ingresses = defineKindView<Ingress>({
  resource: resources.ingresses,
  section: 'network',
  order: 40,
  icon: Route,
  title: 'kind.ingresses',
  columns: [
    column.nameColumn(),
    column.namespaceColumn(),
    column.cellColumn('class', 'Class', { title: 'column.class', width: 120 }),
    column.cellColumn('hosts', 'Hosts', { title: 'column.hosts', width: 200, grow: 2 }),
    column.cellColumn('address', 'Address', { title: 'column.address', width: 116 }),
    column.cellColumn('ports', 'Ports', { title: 'column.ports', width: 80 }),
    column.labelsColumn(),
    column.ageColumn(),
  ],
  sections: [{ id: 'routes', title: 'section.routes', component: IngressRoutes }],
  emptyHint: 'hint.ingresses',
})
