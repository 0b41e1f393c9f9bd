import { FolderOpen, ListFilter } from '@lucide/vue'
import { h } from 'vue'
import type { Namespace } from '../../core/api/generated/core-v1.ts'
import { resources } from '../../core/api/resources.ts'
import NamespaceQuotas from '../components/sections/NamespaceQuotas.vue'
import NamespaceState from '../components/sections/NamespaceState.vue'
import NamespaceUsage from '../components/sections/NamespaceUsage.vue'
import NamespaceWarnings from '../components/sections/NamespaceWarnings.vue'
import * as column from '../kit/columns.ts'
import { defineKindView, type KindColumn } from '../kit/kind-view.ts'
import { podSecurityAction } from '../kit/pod-security-action.ts'
import { podSecurityOf, securityLevels } from '../kit/pod-security.ts'
import { usageColumns } from '../kit/usage-columns.ts'

/** The level that is enforced of the pods; without labels the widest, which says nothing. */
const security: KindColumn = {
  id: 'security',
  title: 'security.title',
  width: 130,
  grow: 1,
  sortKey: ({ row }) => securityLevels.indexOf(podSecurityOf(row.labels).enforce.level),
  render: ({ row }) => {
    const { level } = podSecurityOf(row.labels).enforce
    return level === 'privileged' ? h('span', { class: 'muted' }, level) : column.plainText(level)
  },
}

/** Namespaces. */
export const namespaces = defineKindView<Namespace>({
  resource: resources.namespaces,
  section: 'cluster',
  order: 20,
  icon: FolderOpen,
  title: 'kind.namespaces',
  columns: [
    column.nameColumn(),
    column.statusColumn('Status'),
    ...usageColumns(({ name }) => ({ kind: 'namespace', key: name })),
    security,
    column.labelsColumn(),
    column.ageColumn(),
  ],
  summary: ({ status }) => ({
    text: status?.phase ?? 'Active',
    tone: status?.phase === 'Terminating' ? 'progress' : 'ok',
  }),
  sections: [
    { id: 'state', title: 'section.workloads', component: NamespaceState },
    { id: 'usage', title: 'usage.title', component: NamespaceUsage },
    { id: 'quotas', title: 'section.quotas', component: NamespaceQuotas },
    { id: 'warnings', title: 'overview.warnings', component: NamespaceWarnings },
  ],
  diagnose: ({ status }) =>
    (status?.conditions ?? [])
      .filter((condition) => condition.status === 'True')
      .map((condition) => ({
        tone: 'warn',
        text: 'finding.namespaceStuck',
        params: { reason: condition.type },
        detail: condition.message ?? '',
      })),
  actions: [
    {
      id: 'useNamespace',
      title: 'action.useNamespace',
      icon: ListFilter,
      shortcut: 'n',
      open: (host, { name }) => host.selectNamespace(name),
    },
    podSecurityAction,
  ],
})
