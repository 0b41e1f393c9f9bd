import { defineStore } from 'pinia'
import { usePreferencesStore } from './preferences.ts'

/** The namespaces the lists show, per cluster; none selected = all. Remembered between launches. */
export const useNamespacesStore = defineStore('namespaces', () => {
  const preferences = usePreferencesStore()
  /** What an address or the user has asked for; it stands even when it came before what is remembered. */
  const asked = new Map<string, string[]>()
  void preferences.loaded.then(() => asked.forEach((namespaces, cluster) => select(cluster, namespaces)))

  function selected(cluster: string): string[] {
    return preferences.values.namespaces[cluster] ?? []
  }

  function select(cluster: string, namespaces: string[]): void {
    const next = [...new Set(namespaces)].sort()
    asked.set(cluster, next)
    if (next.join(',') !== selected(cluster).join(',')) preferences.values.namespaces[cluster] = next
  }
  return { selected, select }
})
