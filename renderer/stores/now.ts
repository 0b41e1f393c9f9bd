import { useIntervalFn } from '@vueuse/core'
import { defineStore } from 'pinia'
import { ref } from 'vue'

/** One clock for every age on the page: the time in ms, ticking each second while the page is seen. */
export const useNowStore = defineStore('now', () => {
  const now = ref(Date.now())
  useIntervalFn(() => {
    if (!document.hidden) now.value = Date.now()
  }, 1_000)
  return { now }
})
