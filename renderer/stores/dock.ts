import { defineStore } from 'pinia'
import { computed, ref } from 'vue'
import type { Resource } from '../../core/api/gvk.ts'

interface DockTabBase {
  id: string
  cluster: string
  title: string
  subtitle: string
}
export interface LogsTab extends DockTabBase {
  kind: 'logs'
  resource: Resource
  namespace: string
  name: string
  container?: string
  previous?: boolean
}
export interface ShellTab extends DockTabBase {
  kind: 'shell'
  namespace: string
  pod: string
  container?: string
}
export interface EditTab extends DockTabBase {
  kind: 'edit'
  resource: Resource
  namespace?: string
  name: string
}
export type DockTab = LogsTab | ShellTab | EditTab

type NewTab = DockTab extends infer Tab ? (Tab extends DockTab ? Omit<Tab, 'id'> : never) : never

/** The dock at the bottom: its tabs live outside the pages, so shells and logs go on while the user moves about. */
export const useDockStore = defineStore('dock', () => {
  const tabs = ref<DockTab[]>([])
  const activeId = ref<string>()
  const isCollapsed = ref(false)
  const isMaximised = ref(false)
  /** Tabs with a draft that closing would lose. */
  const unsaved = ref<ReadonlySet<string>>(new Set())
  /** The tab just opened that is typed into: the keyboard is to go there. */
  const calling = ref<string>()
  const active = computed(() => tabs.value.find((tab) => tab.id === activeId.value))
  let counter = 0

  function sameAs(tab: NewTab): DockTab | undefined {
    if (tab.kind === 'shell') return undefined
    return tabs.value.find(
      (other) =>
        other.kind === tab.kind &&
        other.cluster === tab.cluster &&
        other.title === tab.title &&
        other.subtitle === tab.subtitle,
    )
  }

  /** Opens a tab; the same log or edit again brings the old one to the front, shells are always new. */
  function open(tab: NewTab): void {
    const known = sameAs(tab)
    const next = known ?? ({ ...tab, id: `${tab.kind}-${++counter}` } as DockTab)
    if (!known) tabs.value.push(next)
    activeId.value = next.id
    if (tab.kind === 'shell') calling.value = next.id
    isCollapsed.value = false
  }

  function close(id: string): void {
    const index = tabs.value.findIndex((tab) => tab.id === id)
    if (index < 0) return
    tabs.value.splice(index, 1)
    if (activeId.value === id) activeId.value = (tabs.value[index] ?? tabs.value[index - 1])?.id
    if (tabs.value.length === 0) isMaximised.value = false
  }

  function setUnsaved(id: string, isUnsaved: boolean): void {
    const next = new Set(unsaved.value)
    if (isUnsaved) next.add(id)
    else next.delete(id)
    unsaved.value = next
  }

  function show(id: string): void {
    activeId.value = id
    isCollapsed.value = false
  }
  return { tabs, activeId, active, isCollapsed, isMaximised, unsaved, calling, open, close, setUnsaved, show }
})
