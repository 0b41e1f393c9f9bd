import { createPinia, setActivePinia } from 'pinia'
import { beforeEach, expect, it, vi } from 'vitest'
import { computed } from 'vue'
import { useNamespacesStore } from './namespaces.ts'
import { usePreferencesStore } from './preferences.ts'

const writes: unknown[] = []
let saved: PromiseWithResolvers<Response>

beforeEach(() => {
  localStorage.clear()
  writes.length = 0
  saved = Promise.withResolvers()
  vi.stubGlobal('fetch', (_path: string, init: RequestInit) => {
    if (init.method !== 'PUT') return saved.promise
    writes.push(JSON.parse(init.body as string))
    return Promise.resolve(Response.json({}))
  })
  setActivePinia(createPinia())
})

it('is heard of from the first choice for a list on', () => {
  const preferences = usePreferencesStore()
  const sort = computed(() => preferences.values.lists['pods']?.sort)
  const list = preferences.listOf('pods')
  expect(sort.value).toBeUndefined()
  list.sort = '-name'
  expect(sort.value).toBe('-name')
})

it('keeps what is chosen while the saved ones are on their way, and takes the rest', async () => {
  const preferences = usePreferencesStore()
  const loaded = preferences.load()
  preferences.listOf('pods').sort = '-name'
  saved.resolve(Response.json({ drawerWidth: 700, lists: { pods: { sort: 'age' }, nodes: { sort: 'age' } } }))
  await loaded
  expect(preferences.values).toMatchObject({
    drawerWidth: 700,
    dockHeight: 300,
    lists: { pods: { sort: '-name' }, nodes: { sort: 'age' } },
  })
  window.dispatchEvent(new Event('pagehide'))
  expect(writes).toMatchObject([{ lists: { pods: { sort: '-name' } } }])
})

it('saves at once what was chosen last before the page is left', async () => {
  const preferences = usePreferencesStore()
  saved.resolve(Response.json({}))
  await preferences.load()
  window.dispatchEvent(new Event('pagehide'))
  expect(writes).toEqual([])
  preferences.values.theme = 'light'
  await Promise.resolve()
  window.dispatchEvent(new Event('pagehide'))
  expect(writes).toMatchObject([{ theme: 'light' }])
})

it('lets an address that asks for all namespaces win over those remembered, when it was there first', async () => {
  const preferences = usePreferencesStore()
  const namespaces = useNamespacesStore()
  const loaded = preferences.load()
  namespaces.select('local', [])
  saved.resolve(Response.json({ namespaces: { local: ['web'], other: ['db'] } }))
  await loaded
  await preferences.loaded
  expect(namespaces.selected('local')).toEqual([])
  expect(namespaces.selected('other')).toEqual(['db'])
})
