import { useEventListener, usePreferredDark, usePreferredLanguages, useTimeoutFn } from '@vueuse/core'
import { defineStore } from 'pinia'
import { computed, reactive, toRaw, watch } from 'vue'
import { readPreferences, writePreferences } from '../client/gateway.ts'
import type { Language } from '../i18n/i18n.ts'
import { threeWayMerge } from '../kit/three-way-merge.ts'

export type Theme = 'system' | 'light' | 'dark'

export interface ListPreferences {
  /** Columns switched on or off against their default. */
  shown?: Record<string, boolean>
  widths?: Record<string, number>
  /** Column id, with `-` in front for descending. */
  sort?: string
}

/** What the page remembers between launches. */
export interface Preferences {
  theme: Theme
  /** Absent: the browser's language. */
  language?: Language
  sidebarCollapsed: boolean
  foldedSections: Record<string, boolean>
  /** Selected namespaces by cluster; empty = all. */
  namespaces: Record<string, string[]>
  lists: Record<string, ListPreferences>
  drawerWidth: number
  dockHeight: number
  logs: { wrap: boolean; timestamps: boolean; tail: number }
}

const storageKey = 'wheelhouse.preferences'
const saveDelayMs = 400

function defaults(): Preferences {
  return {
    theme: 'system',
    sidebarCollapsed: false,
    foldedSections: {},
    namespaces: {},
    lists: {},
    drawerWidth: 560,
    dockHeight: 300,
    logs: { wrap: true, timestamps: false, tail: 1000 },
  }
}

function readLocal(): Partial<Preferences> {
  try {
    return JSON.parse(localStorage.getItem(storageKey) ?? '{}') as Partial<Preferences>
  } catch {
    // Blocked or broken storage: the gateway still has them.
    return {}
  }
}

/** The user's preferences: kept in the browser for an instant start and at the gateway for good. */
export const usePreferencesStore = defineStore('preferences', () => {
  const values = reactive<Preferences>({ ...defaults(), ...readLocal() })
  const prefersDark = usePreferredDark()
  const preferredLanguages = usePreferredLanguages()
  const isDark = computed(() => (values.theme === 'system' ? prefersDark.value : values.theme === 'dark'))
  const language = computed<Language>(
    () => values.language ?? (preferredLanguages.value[0]?.startsWith('ko') ? 'ko' : 'en'),
  )
  const loading = Promise.withResolvers<void>()
  const save = useTimeoutFn(write, saveDelayMs, { immediate: false })
  // Whoever chooses and leaves at once finds the choice again.
  useEventListener(window, 'pagehide', () => {
    if (save.isPending.value) write()
  })

  function write(): void {
    save.stop()
    writePreferences(values).catch(() => undefined)
  }
  function keep(): void {
    localStorage.setItem(storageKey, JSON.stringify(values))
    save.start()
  }

  const snapshot = (): Preferences => structuredClone(toRaw(values))

  /** Takes over what the gateway has saved, but for what was chosen until it came; then keeps both up to date. */
  async function load(): Promise<void> {
    const before = snapshot()
    // Where no saved preferences are to be had, the local ones serve.
    const saved = await readPreferences().catch(() => ({}))
    const mine = snapshot()
    Object.assign(values, threeWayMerge(before, mine, { ...before, ...saved }).value)
    if (JSON.stringify(mine) !== JSON.stringify(before)) keep()
    watch(values, keep)
    loading.resolve()
  }

  function listOf(kind: string): ListPreferences {
    values.lists[kind] ??= {}
    // Read back, since an assignment gives the plain object, whose changes nobody hears of.
    return values.lists[kind]
  }
  return { values, isDark, language, load, loaded: loading.promise, listOf }
})
