import { FileStack } from '@lucide/vue'
import type { StorageClass } from '../../core/api/generated/storage-v1.ts'
import { resources } from '../../core/api/resources.ts'
import ClassSettings from '../components/sections/ClassSettings.vue'
import ClassVolumes from '../components/sections/ClassVolumes.vue'
import * as column from '../kit/columns.ts'
import { defineKindView } from '../kit/kind-view.ts'

/** StorageClasses. */
export const storageClasses = defineKindView<StorageClass>({
  resource: resources.storageClasses,
  section: 'storage',
  order: 30,
  icon: FileStack,
  title: 'kind.storageClasses',
  columns: [
    column.nameColumn(),
    column.cellColumn('provisioner', 'Provisioner', { title: 'storage.provisioner', width: 180, grow: 2 }),
    column.cellColumn('reclaim', 'ReclaimPolicy', { title: 'storage.reclaim', width: 110 }),
    column.cellColumn('binding', 'VolumeBindingMode', { title: 'storage.binding', width: 170 }),
    column.cellColumn('expansion', 'AllowVolumeExpansion', { title: 'storage.expansion', width: 110 }),
    column.labelsColumn(),
    column.ageColumn(),
  ],
  sections: [
    { id: 'settings', title: 'section.settings', component: ClassSettings },
    { id: 'volumes', title: 'section.volumes', component: ClassVolumes },
  ],
  emptyHint: 'hint.storageClasses',
})
