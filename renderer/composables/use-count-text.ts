import { computed, type ComputedRef } from 'vue'
import { useText } from '../i18n/text.ts'
import type { LiveLists } from './use-live-lists.ts'
import type { TableRows } from './use-table-rows.ts'

/** How many rows a list shows, of how many, and whether more are on their way; empty while that is not known. */
export function useCountText(list: LiveLists, table: TableRows): ComputedRef<string> {
  const t = useText()
  return computed(() => {
    if (list.state.value !== 'ready') return ''
    const shown = table.rows.value.length
    const total = table.total.value
    const counted = shown === total ? String(shown) : t('table.someOf', { shown, total })
    const isComing = list.state.value === 'ready' && !list.isWhole.value
    return isComing ? t('table.loadingRest', { counted }) : counted
  })
}
