import { Ruler } from '@lucide/vue'
import type { LimitRange } from '../../core/api/generated/core-v1.ts'
import { resources } from '../../core/api/resources.ts'
import LimitRules from '../components/sections/LimitRules.vue'
import * as column from '../kit/columns.ts'
import { defineKindView } from '../kit/kind-view.ts'

/** LimitRanges. */
export const limitRanges = defineKindView<LimitRange>({
  resource: resources.limitRanges,
  section: 'config',
  order: 40,
  icon: Ruler,
  title: 'kind.limitRanges',
  columns: [column.nameColumn(), column.namespaceColumn(), column.labelsColumn(), column.ageColumn()],
  sections: [{ id: 'limits', title: 'section.limits', component: LimitRules }],
  emptyHint: 'hint.limitRanges',
})
