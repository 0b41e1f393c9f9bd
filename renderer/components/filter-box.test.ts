import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { mountPart, type Mounted } from '../testing/mount.ts'
import FilterBox from './FilterBox.vue'

const emitted: string[] = []
let box: Mounted
let input: HTMLInputElement

beforeEach(async () => {
  emitted.length = 0
  const props = {
    modelValue: '',
    'onUpdate:modelValue': (value: string) => emitted.push(value),
    onLeave: () => emitted.push('(leave)'),
  }
  box = await mountPart(FilterBox, { props })
  input = box.element.querySelector('input')!
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
})
afterEach(() => vi.useRealTimers())

async function type(text: string): Promise<void> {
  input.value = text
  input.dispatchEvent(new Event('input', { bubbles: true }))
  await Promise.resolve()
}

describe('FilterBox', () => {
  it('waits until nothing more is typed', async () => {
    await type('w')
    vi.advanceTimersByTime(100)
    await type('we')
    vi.advanceTimersByTime(100)
    expect(emitted).toEqual([])
    vi.advanceTimersByTime(20)
    expect(emitted).toEqual(['we'])
  })

  it('filters before it gives the keyboard to the rows', async () => {
    await type('web')
    input.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', bubbles: true }))
    vi.advanceTimersByTime(1_000)
    expect(emitted).toEqual(['web', '(leave)'])
  })

  it('has nothing more to say when its list has gone', async () => {
    await type('web')
    box.unmount()
    vi.advanceTimersByTime(1_000)
    expect(emitted).toEqual([])
  })
})
