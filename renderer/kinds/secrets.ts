import { KeyRound } from '@lucide/vue'
import type { Secret } from '../../core/api/generated/core-v1.ts'
import { resources } from '../../core/api/resources.ts'
import SecretData from '../components/sections/SecretData.vue'
import * as column from '../kit/columns.ts'
import { defineKindView } from '../kit/kind-view.ts'

/** Secrets. */
export const secrets = defineKindView<Secret>({
  resource: resources.secrets,
  section: 'config',
  order: 20,
  icon: KeyRound,
  title: 'kind.secrets',
  columns: [
    column.nameColumn(),
    column.namespaceColumn(),
    column.cellColumn('type', 'Type', { title: 'column.type', width: 200, grow: 1 }),
    column.cellColumn('data', 'Data', { title: 'column.entries', width: 90, align: 'right' }),
    column.labelsColumn(),
    column.ageColumn(),
  ],
  sections: [{ id: 'data', title: 'section.data', component: SecretData }],
  emptyHint: 'hint.secrets',
})
