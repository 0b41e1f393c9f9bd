import { FileText } from '@lucide/vue'
import type { ConfigMap } from '../../core/api/generated/core-v1.ts'
import { resources } from '../../core/api/resources.ts'
import ConfigData from '../components/sections/ConfigData.vue'
import * as column from '../kit/columns.ts'
import { defineKindView } from '../kit/kind-view.ts'

/** ConfigMaps. */
export const configMaps = defineKindView<ConfigMap>({
  resource: resources.configMaps,
  section: 'config',
  order: 10,
  icon: FileText,
  title: 'kind.configMaps',
  columns: [
    column.nameColumn(),
    column.namespaceColumn(),
    column.cellColumn('data', 'Data', { title: 'column.entries', width: 90, align: 'right' }),
    column.labelsColumn(),
    column.ageColumn(),
  ],
  sections: [{ id: 'data', title: 'section.data', component: ConfigData }],
  emptyHint: 'hint.configMaps',
})
