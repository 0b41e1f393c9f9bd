import { Disc3 } from '@lucide/vue'
import type { PersistentVolumeClaim } from '../../core/api/generated/core-v1.ts'
import { resources } from '../../core/api/resources.ts'
import StorageChain from '../components/sections/StorageChain.vue'
import * as column from '../kit/columns.ts'
import { defineKindView } from '../kit/kind-view.ts'
import { toneOfPhase } from '../kit/storage-chain.ts'

/** PersistentVolumeClaims. */
export const persistentVolumeClaims = defineKindView<PersistentVolumeClaim>({
  resource: resources.persistentVolumeClaims,
  section: 'storage',
  order: 10,
  icon: Disc3,
  title: 'kind.persistentVolumeClaims',
  columns: [
    column.nameColumn(),
    column.namespaceColumn(),
    column.statusColumn('Status', (_, text) => toneOfPhase(text)),
    column.cellColumn('volume', 'Volume', { title: 'storage.volume', width: 160, grow: 1 }),
    column.cellColumn('capacity', 'Capacity', { title: 'node.capacity', width: 90, align: 'right' }),
    column.cellColumn('class', 'StorageClass', { title: 'storage.class', width: 120 }),
    column.cellColumn('modes', 'Access Modes', { title: 'storage.modes', width: 110 }),
    column.labelsColumn(),
    column.ageColumn(),
  ],
  summary: ({ status }) =>
    status?.phase ? { text: status.phase, tone: toneOfPhase(status.phase) } : undefined,
  sections: [{ id: 'chain', title: 'section.binding', component: StorageChain }],
  diagnose: ({ status, spec }, events) => {
    if (status?.phase === 'Lost') return [{ tone: 'bad', text: 'finding.volumeLost' }]
    if (status?.phase === 'Bound') return []
    const warning = events.find(({ type }) => type === 'Warning')
    const said = warning ?? events[0]
    return [
      {
        tone: warning ? 'bad' : 'progress',
        text: spec.volumeName ? 'finding.volumeTaken' : 'finding.claimWaits',
        ...(said?.message && { detail: said.message }),
      },
    ]
  },
  emptyHint: 'hint.claims',
})
