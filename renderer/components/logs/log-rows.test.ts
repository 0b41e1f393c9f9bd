import { describe, expect, it, vi } from 'vitest'
import { mountPart, type Mounted } from '../../testing/mount.ts'
import { LogBuffer } from './log-buffer.ts'
import LogRows from './LogRows.vue'

/** A log in a box of 100 pixels; `scroll` is what the browser tells after it has scrolled. */
async function openLog(onFollow: (following: boolean) => void): Promise<{
  part: Mounted
  box: HTMLElement
  scroll(top: number, contentHeight: number): void
}> {
  vi.stubGlobal(
    'ResizeObserver',
    class {
      observe(): void {}
      unobserve(): void {}
      disconnect(): void {}
    },
  )
  const props = {
    buffer: new LogBuffer(100),
    version: 0,
    wrap: false,
    timestamps: false,
    matcher: undefined,
    onlyMatches: false,
    sources: ['app'],
    paused: false,
    onFollow,
  }
  const part = await mountPart(LogRows, { props })
  const box = part.element.querySelector<HTMLElement>('[role="log"]')!
  Object.defineProperty(box, 'clientHeight', { value: 100 })
  return {
    part,
    box,
    scroll(top, contentHeight) {
      Object.defineProperty(box, 'scrollHeight', { value: contentHeight, configurable: true })
      box.scrollTop = top
      box.dispatchEvent(new Event('scroll'))
    },
  }
}

describe('LogRows', () => {
  it('stays at the end when more has come than it had scrolled to', async () => {
    const onFollow = vi.fn()
    const { part, scroll } = await openLog(onFollow)
    scroll(400, 500)
    scroll(600, 900)
    expect(onFollow).not.toHaveBeenCalled()
    part.unmount()
  })

  it.each([
    ['wheel', new WheelEvent('wheel', { deltaY: -10 })],
    ['key', new KeyboardEvent('keydown', { key: 'PageUp' })],
    ['finger', new Event('touchmove')],
    ['pointer on the scroll bar', new Event('pointerdown')],
  ])('lets a %s scroll away, and follows again at the end', async (_hand, input) => {
    const onFollow = vi.fn()
    const { part, box, scroll } = await openLog(onFollow)
    scroll(400, 500)
    box.dispatchEvent(input)
    scroll(200, 500)
    scroll(300, 500)
    scroll(400, 500)
    expect(onFollow.mock.calls).toEqual([[false], [true]])
    part.unmount()
  })

  it('goes to the end again when the browser alone has gone back', async () => {
    const onFollow = vi.fn()
    const { part, box, scroll } = await openLog(onFollow)
    scroll(400, 500)
    box.dispatchEvent(new WheelEvent('wheel', { deltaY: 10 }))
    scroll(200, 500)
    expect(box.scrollTop).toBe(500)
    expect(onFollow).not.toHaveBeenCalled()
    part.unmount()
  })
})
