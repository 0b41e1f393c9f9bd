import { ListOrdered } from '@lucide/vue'
import type { PriorityClass } from '../../core/api/generated/scheduling-v1.ts'
import { resources } from '../../core/api/resources.ts'
import PriorityFacts from '../components/sections/PriorityFacts.vue'
import * as column from '../kit/columns.ts'
import { defineKindView } from '../kit/kind-view.ts'

/** PriorityClasses. */
export const priorityClasses = defineKindView<PriorityClass>({
  resource: resources.priorityClasses,
  section: 'config',
  order: 80,
  icon: ListOrdered,
  title: 'kind.priorityClasses',
  defaultSort: '-value',
  columns: [
    column.nameColumn(),
    column.cellColumn('value', 'Value', { title: 'priority.value', width: 130, align: 'right' }),
    column.cellColumn('default', 'Global-Default', { title: 'priority.default', width: 110 }),
    column.cellColumn('preemption', 'PreemptionPolicy', {
      title: 'priority.preemption',
      width: 180,
      grow: 1,
    }),
    column.labelsColumn(),
    column.ageColumn(),
  ],
  summary: ({ value }) => ({ text: String(value), tone: 'off' }),
  sections: [{ id: 'priority', title: 'section.priority', component: PriorityFacts }],
  emptyHint: 'hint.priorityClasses',
})
