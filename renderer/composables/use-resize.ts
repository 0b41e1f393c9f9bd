import { ref, type Ref } from 'vue'

export interface ResizeOptions {
  axis: 'x' | 'y'
  /** Size at the start of a drag. */
  size(): number
  /** The new size while dragging; growing is towards the left or the top. */
  resize(size: number): void
  min: number
  max(): number
}

export interface Resize {
  isResizing: Ref<boolean>
  onPointerdown(event: PointerEvent): void
  /** Arrow keys move the edge by 24 px. */
  onKeydown(event: KeyboardEvent): void
}

/** A panel edge dragged by pointer or moved with arrow keys. */
export function useResize(options: ResizeOptions): Resize {
  const isResizing = ref(false)

  function clamp(size: number): void {
    options.resize(Math.round(Math.min(Math.max(size, options.min), options.max())))
  }

  function onPointerdown(event: PointerEvent): void {
    const start = options.axis === 'x' ? event.clientX : event.clientY
    const size = options.size()
    const handle = event.currentTarget as HTMLElement
    handle.setPointerCapture(event.pointerId)
    isResizing.value = true
    const move = (moved: PointerEvent): void =>
      clamp(size + start - (options.axis === 'x' ? moved.clientX : moved.clientY))
    const end = (): void => {
      isResizing.value = false
      handle.removeEventListener('pointermove', move)
    }
    handle.addEventListener('pointermove', move)
    handle.addEventListener('pointerup', end, { once: true })
    handle.addEventListener('pointercancel', end, { once: true })
    event.preventDefault()
  }

  function onKeydown(event: KeyboardEvent): void {
    const [grow, shrink] = options.axis === 'x' ? ['ArrowLeft', 'ArrowRight'] : ['ArrowUp', 'ArrowDown']
    if (event.key !== grow && event.key !== shrink) return
    event.preventDefault()
    clamp(options.size() + (event.key === grow ? 24 : -24))
  }
  return { isResizing, onPointerdown, onKeydown }
}
