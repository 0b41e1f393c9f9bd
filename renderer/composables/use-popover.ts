import { nextTick, ref, watch, type Ref } from 'vue'

export interface PopoverState {
  isOpen: Ref<boolean>
  /** Closes by the keyboard or a choice: the focus goes back at once, for what had it is about to leave. */
  close(): void
}

/** Whether a popover is open; `focusInside` brings the keyboard into it, and closing brings it back to its trigger. */
export function usePopover(
  trigger: Readonly<Ref<HTMLElement | null>>,
  focusInside: () => unknown,
): PopoverState {
  const isOpen = ref(false)
  watch(isOpen, async (open) => {
    await nextTick()
    if (open && isOpen.value) focusInside()
  })
  function close(): void {
    isOpen.value = false
    trigger.value?.focus()
  }
  return { isOpen, close }
}
