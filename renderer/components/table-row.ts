import { EllipsisVertical } from '@lucide/vue'
import { defineComponent, h, type PropType } from 'vue'
import type { LiveRow } from '../../core/api/live.ts'
import { useText } from '../i18n/text.ts'
import type { KindColumn } from '../kit/kind-view.ts'

/**
 * One row of VirtualTable. Its inputs keep their identity until the row's object changes, so a frame re-renders only
 * the rows that did.
 */
export const TableRow = defineComponent({
  name: 'TableRow',
  props: {
    row: { type: Object as PropType<LiveRow>, required: true },
    columns: { type: Array as PropType<KindColumn[]>, required: true },
    cell: { type: Function as PropType<(row: LiveRow, column: string) => unknown>, required: true },
    template: { type: String, required: true },
    checked: { type: Boolean, required: true },
    current: { type: Boolean, required: true },
    active: { type: Boolean, required: true },
    index: { type: Number, required: true },
    top: { type: Number, required: true },
  },
  emits: {
    open: (_row: LiveRow) => true,
    toggle: (_row: LiveRow, _range: boolean) => true,
    menu: (_row: LiveRow, _event: MouseEvent) => true,
  },
  setup(props, { emit }) {
    const t = useText()

    function onMenu(event: MouseEvent): void {
      event.preventDefault()
      event.stopPropagation()
      emit('menu', props.row, event)
    }
    function onCheck(event: MouseEvent): void {
      event.stopPropagation()
      emit('toggle', props.row, event.shiftKey)
    }
    return () => {
      const { row } = props
      const input = { row, cell: (column: string) => props.cell(row, column), t }
      return h(
        'div',
        {
          role: 'row',
          id: `row-${row.uid}`,
          'aria-rowindex': props.index + 2,
          'aria-selected': props.checked,
          class: [
            'vt-row',
            {
              'is-checked': props.checked,
              'is-current': props.current,
              'is-active': props.active,
              'is-leaving': row.deletedAt !== undefined,
            },
          ],
          style: { gridTemplateColumns: props.template, transform: `translateY(${props.top}px)` },
          onClick: () => emit('open', row),
          onContextmenu: onMenu,
        },
        [
          h('div', { role: 'gridcell', class: 'vt-check', onClick: onCheck }, [
            h('input', {
              type: 'checkbox',
              tabindex: -1,
              checked: props.checked,
              'aria-label': t('table.select', { name: row.name }),
            }),
          ]),
          ...props.columns.map((column) =>
            h(
              'div',
              {
                key: column.id,
                role: 'gridcell',
                class: ['vt-cell', { 'is-right': column.align === 'right' }],
              },
              [column.render(input)],
            ),
          ),
          h('div', { role: 'gridcell', class: 'vt-more' }, [
            h(
              'button',
              {
                type: 'button',
                tabindex: -1,
                class: 'icon-button',
                'aria-label': t('table.actionsFor', { name: row.name }),
                onClick: onMenu,
              },
              [h(EllipsisVertical, { size: 15 })],
            ),
          ]),
        ],
      )
    }
  },
})
