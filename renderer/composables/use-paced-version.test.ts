import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { effectScope, shallowRef } from 'vue'
import type { LiveRow } from '../../core/api/live.ts'
import { LiveList } from '../client/live-list.ts'
import { usePacedVersion } from './use-paced-version.ts'

const rows = (count: number): LiveRow[] =>
  Array.from({ length: count }, (_, index) => ({ uid: `u${index}`, name: `pod-${index}`, cells: [] }))

function listOf(count: number): LiveList {
  const list = new LiveList((run) => run())
  list.receive({ id: 1, type: 'snapshot', columns: [], rows: rows(count), resourceVersion: '1' })
  return list
}
function change(list: LiveList): void {
  list.receive({ id: 1, type: 'delta', upserts: rows(1), deletes: [], resourceVersion: '2' })
}

describe('usePacedVersion', () => {
  beforeEach(() => vi.useFakeTimers())
  afterEach(() => vi.useRealTimers())

  it('tells of each change of a short list at once', () => {
    const list = listOf(1_000)
    const lists = [list]
    const version = effectScope().run(() => usePacedVersion(() => lists))!
    change(list)
    change(list)
    expect(version.value).toBe(2)
  })

  it('gathers the changes of a long list, and tells the last too', () => {
    const list = listOf(1_001)
    const lists = [list]
    const version = effectScope().run(() => usePacedVersion(() => lists))!
    for (let at = 0; at < 30; at++) change(list)
    expect(version.value).toBe(0)
    vi.advanceTimersByTime(500)
    expect(version.value).toBe(1)
    change(list)
    vi.advanceTimersByTime(500)
    expect(version.value).toBe(2)
    vi.advanceTimersByTime(5_000)
    expect(version.value).toBe(2)
  })

  it('tells of another list at once, and of none once nobody listens', () => {
    const list = listOf(2_000)
    const current = shallowRef<LiveList[]>([])
    const scope = effectScope()
    const version = scope.run(() => usePacedVersion(() => current.value))!
    current.value = [list]
    expect(version.value).toBe(1)
    change(list)
    scope.stop()
    vi.advanceTimersByTime(5_000)
    expect(version.value).toBe(1)
  })
})
