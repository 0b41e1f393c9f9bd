import { usePreferredDark, usePreferredLanguages, useTimeoutFn } from '@vueuse/core'
import { defineStore } from 'pinia'
import { computed, reactive, watch } from 'vue'
import { readPreferences, writePreferences } from '../client/gateway.ts'
import type { Language } from '../i18n/i18n.ts'

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
  const save = useTimeoutFn(
    () => {
      writePreferences(values).catch(() => undefined)
    },
    saveDelayMs,
    { immediate: false },
  )

  /** Takes over what the gateway has saved, then keeps both up to date. */
  async function load(): Promise<void> {
    try {
      Object.assign(values, await readPreferences())
    } catch {
      // No saved preferences to be had: the local ones serve.
    }
    watch(values, () => {
      localStorage.setItem(storageKey, JSON.stringify(values))
      save.start()
    })
  }

  function listOf(kind: string): ListPreferences {
    values.lists[kind] ??= {}
    // Read back, since an assignment gives the plain object, whose changes nobody hears of.
    return values.lists[kind]
  }
  return { values, isDark, language, load, listOf }
})
