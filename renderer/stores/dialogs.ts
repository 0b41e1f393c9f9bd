import { defineStore } from 'pinia'
import { shallowRef } from 'vue'
import type { ActionTarget, KindAction } from '../kit/action.ts'

/** The dialogs the shell shows over every page; at most one of each. */
export const useDialogsStore = defineStore('dialogs', () => {
  const action = shallowRef<{ action: KindAction; targets: ActionTarget[] }>()
  const portForward = shallowRef<ActionTarget>()
  const isPaletteOpen = shallowRef(false)
  const isShortcutsOpen = shallowRef(false)
  return { action, portForward, isPaletteOpen, isShortcutsOpen }
})
