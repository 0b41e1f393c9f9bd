import { onScopeDispose, watch } from 'vue'
import { useDraftsStore } from '../stores/drafts.ts'

/** Has the user asked before a draft is lost: `name` says what it is of, and is undefined while there is nothing to lose. */
export function useDraft(name: () => string | undefined): void {
  const drafts = useDraftsStore()
  const id = Symbol('draft')
  watch(name, (current) => drafts.set(id, current), { immediate: true })
  onScopeDispose(() => drafts.set(id, undefined))
}
