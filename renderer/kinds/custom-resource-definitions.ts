import { Puzzle } from '@lucide/vue'
import { h } from 'vue'
import type { LiveRow } from '../../core/api/live.ts'
import type { CustomResourceDefinition } from '../../core/api/generated/apiextensions-v1.ts'
import { findCondition, isConditionTrue } from '../../core/api/conditions.ts'
import { resources } from '../../core/api/resources.ts'
import DefinitionVersions from '../components/sections/DefinitionVersions.vue'
import StatusText from '../components/StatusText.vue'
import type { MessageKey } from '../i18n/text.ts'
import * as column from '../kit/columns.ts'
import { defineKindView, type KindColumn } from '../kit/kind-view.ts'

interface RowData {
  group?: string
  kind?: string
  scope?: string
  versions?: string[]
  conditions?: { type: string; status: string }[]
}
const dataOf = ({ data }: LiveRow): RowData => (data ?? {}) as RowData

function textColumn(id: string, title: MessageKey, text: (data: RowData) => string): KindColumn {
  return {
    id,
    title,
    width: 110,
    grow: 1,
    sortKey: ({ row }) => text(dataOf(row)),
    render: ({ row }) => column.plainText(text(dataOf(row))),
  }
}

const status: KindColumn = {
  id: 'status',
  title: 'column.status',
  width: 120,
  sortKey: ({ row }) => String(isConditionTrue(dataOf(row).conditions, 'Established')),
  render: ({ row, t }) =>
    isConditionTrue(dataOf(row).conditions, 'Established')
      ? h(StatusText, { text: t('definition.served'), tone: 'ok' })
      : h(StatusText, { text: t('definition.off'), tone: 'warn' }),
}

/** CustomResourceDefinitions. */
export const customResourceDefinitions = defineKindView<CustomResourceDefinition>({
  resource: resources.customResourceDefinitions,
  section: 'cluster',
  order: 40,
  icon: Puzzle,
  title: 'kind.customResources',
  columns: [
    column.nameColumn(),
    textColumn('kind', 'definition.kind', ({ kind = '' }) => kind),
    textColumn('group', 'definition.group', ({ group = '' }) => group),
    textColumn('versions', 'definition.versions', ({ versions = [] }) => versions.join(', ')),
    textColumn('scope', 'definition.scope', ({ scope = '' }) => scope),
    status,
    column.labelsColumn(),
    column.ageColumn(),
  ],
  sections: [{ id: 'versions', title: 'section.definition', component: DefinitionVersions }],
  diagnose({ status: state }) {
    const names = findCondition(state?.conditions, 'NamesAccepted')
    const schema = findCondition(state?.conditions, 'NonStructuralSchema')
    const said = names?.status === 'False' ? names : schema?.status === 'True' ? schema : undefined
    if (!said) return []
    return [{ tone: 'bad', text: 'finding.definition', ...(said.message && { detail: said.message }) }]
  },
  emptyHint: 'hint.customResources',
})
