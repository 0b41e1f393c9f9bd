import { createPinia, setActivePinia } from 'pinia'
import { expect, it } from 'vitest'
import { computed } from 'vue'
import { usePreferencesStore } from './preferences.ts'

it('is heard of from the first choice for a list on', () => {
  localStorage.clear()
  setActivePinia(createPinia())
  const preferences = usePreferencesStore()
  const sort = computed(() => preferences.values.lists['pods']?.sort)
  const list = preferences.listOf('pods')
  expect(sort.value).toBeUndefined()
  list.sort = '-name'
  expect(sort.value).toBe('-name')
})
