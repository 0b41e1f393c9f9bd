import { Bell, TriangleAlert } from '@lucide/vue'
import { h } from 'vue'
import type { Event } from '../../core/api/generated/core-v1.ts'
import { resources } from '../../core/api/resources.ts'
import AgeText from '../components/AgeText.vue'
import EventFacts from '../components/sections/EventFacts.vue'
import ObjectLink from '../components/ObjectLink.vue'
import StatusText from '../components/StatusText.vue'
import { cellText } from '../kit/cell-text.ts'
import * as column from '../kit/columns.ts'
import { involvedOf, lastSeenOf } from '../kit/event-row.ts'
import { defineKindView, type KindColumn } from '../kit/kind-view.ts'

const reason: KindColumn = {
  id: 'reason',
  title: 'column.reason',
  width: 160,
  sortKey: ({ cell }) => cellText(cell('Reason')),
  render: ({ cell }) =>
    h(StatusText, { text: cellText(cell('Reason')), tone: cell('Type') === 'Warning' ? 'warn' : 'off' }),
}

/** What the event is about, as a link. */
const object: KindColumn = {
  id: 'object',
  title: 'column.object',
  width: 200,
  grow: 2,
  sortKey: ({ cell }) => cellText(cell('Object')),
  render: ({ row, cell }) => {
    const about = involvedOf(row)
    return about ? h(ObjectLink, { ...about, fit: true }) : column.plainText(cellText(cell('Object')))
  },
}

const lastSeen: KindColumn = {
  id: 'seen',
  title: 'column.seen',
  width: 100,
  align: 'right',
  sortKey: (input) => -Date.parse(lastSeenOf(input.row) || '0'),
  render: (input) => h(AgeText, { at: lastSeenOf(input.row) }),
}

/** Events, newest first. */
export const events = defineKindView<Event>({
  resource: resources.events,
  section: 'cluster',
  order: 30,
  icon: Bell,
  title: 'kind.events',
  defaultSort: 'seen',
  quickFilter: { word: 'Warning', title: 'table.warningsOnly', icon: TriangleAlert },
  columns: [
    { ...column.nameColumn(), hidden: true },
    column.namespaceColumn(),
    reason,
    object,
    column.cellColumn('message', 'Message', { title: 'column.message', width: 240, grow: 4 }),
    column.cellColumn('type', 'Type', { title: 'column.type', width: 90, hidden: true }),
    column.cellColumn('source', 'Source', { title: 'column.source', width: 130, hidden: true }),
    column.cellColumn('count', 'Count', { title: 'column.count', width: 70, align: 'right' }),
    lastSeen,
  ],
  summary: (event) => ({ text: event.reason ?? '', tone: event.type === 'Warning' ? 'warn' : 'off' }),
  sections: [{ id: 'event', title: 'section.event', component: EventFacts }],
  emptyHint: 'hint.events',
})
