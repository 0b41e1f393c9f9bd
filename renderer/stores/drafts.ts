import { defineStore } from 'pinia'
import { shallowRef } from 'vue'

/** Drafts in the page itself, each with what it is of: whoever goes elsewhere loses them. Those in the dock stay. */
export const useDraftsStore = defineStore('drafts', () => {
  const unsaved = shallowRef<ReadonlyMap<symbol, string>>(new Map())

  function set(id: symbol, name: string | undefined): void {
    const next = new Map(unsaved.value)
    if (name === undefined) next.delete(id)
    else next.set(id, name)
    unsaved.value = next
  }
  return { unsaved, set }
})
