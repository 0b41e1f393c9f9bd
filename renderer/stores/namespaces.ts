import { defineStore } from 'pinia'
import { usePreferencesStore } from './preferences.ts'

/** The namespaces the lists show, per cluster; none selected = all. Remembered between launches. */
export const useNamespacesStore = defineStore('namespaces', () => {
  const preferences = usePreferencesStore()

  function selected(cluster: string): string[] {
    return preferences.values.namespaces[cluster] ?? []
  }

  function select(cluster: string, namespaces: string[]): void {
    const next = [...new Set(namespaces)].sort()
    if (next.join(',') !== selected(cluster).join(',')) preferences.values.namespaces[cluster] = next
  }
  return { selected, select }
})
