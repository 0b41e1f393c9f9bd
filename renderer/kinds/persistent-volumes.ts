import { HardDrive } from '@lucide/vue'
import type { PersistentVolume } from '../../core/api/generated/core-v1.ts'
import { resources } from '../../core/api/resources.ts'
import StorageChain from '../components/sections/StorageChain.vue'
import * as column from '../kit/columns.ts'
import { defineKindView } from '../kit/kind-view.ts'
import { toneOfPhase } from '../kit/storage-chain.ts'

/** PersistentVolumes. */
export const persistentVolumes = defineKindView<PersistentVolume>({
  resource: resources.persistentVolumes,
  section: 'storage',
  order: 20,
  icon: HardDrive,
  title: 'kind.persistentVolumes',
  columns: [
    column.nameColumn(),
    column.statusColumn('Status', (_, text) => toneOfPhase(text)),
    column.cellColumn('claim', 'Claim', { title: 'storage.claim', width: 160, grow: 1 }),
    column.cellColumn('capacity', 'Capacity', { title: 'node.capacity', width: 90, align: 'right' }),
    column.cellColumn('class', 'StorageClass', { title: 'storage.class', width: 120 }),
    column.cellColumn('reclaim', 'Reclaim Policy', { title: 'storage.reclaim', width: 110 }),
    column.cellColumn('modes', 'Access Modes', { title: 'storage.modes', width: 110, hidden: true }),
    column.labelsColumn(),
    column.ageColumn(),
  ],
  summary: ({ status }) =>
    status?.phase ? { text: status.phase, tone: toneOfPhase(status.phase) } : undefined,
  sections: [{ id: 'chain', title: 'section.binding', component: StorageChain }],
  emptyHint: 'hint.volumes',
})
