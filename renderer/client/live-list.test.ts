import { describe, expect, it } from 'vitest'
import type { LiveRow } from '../../core/api/live.ts'
import { failure } from '../../core/api/status.ts'
import { LiveList, type ListChange } from './live-list.ts'

const row = (uid: string, ready: string): LiveRow => ({
  uid,
  name: `pod-${uid}`,
  cells: [`pod-${uid}`, ready],
})
const columns = [
  { name: 'Name', type: 'string', priority: 0 },
  { name: 'Ready', type: 'string', priority: 0 },
]

function setUp(): { list: LiveList; frames: (() => void)[]; changes: ListChange[] } {
  const frames: (() => void)[] = []
  const list = new LiveList((run) => frames.push(run))
  const changes: ListChange[] = []
  list.listen((change) => changes.push(change))
  list.receive({
    id: 1,
    type: 'snapshot',
    columns,
    rows: [row('a', '0/1'), row('b', '1/1')],
    resourceVersion: '1',
  })
  return { list, frames, changes }
}

describe('LiveList', () => {
  it('shows a snapshot at once, with cells by column name', () => {
    const { list } = setUp()
    expect(list.state.value).toBe('ready')
    expect(list.cell(list.rows.get('a')!, 'Ready')).toBe('0/1')
    expect(list.cell(list.rows.get('a')!, 'Nope')).toBeUndefined()
  })

  it('gathers deltas until the next frame and tells the last state of each row once', () => {
    const { list, frames, changes } = setUp()
    list.receive({ id: 1, type: 'delta', upserts: [row('a', '0/1')], deletes: ['b'], resourceVersion: '2' })
    list.receive({
      id: 1,
      type: 'delta',
      upserts: [row('a', '1/1'), row('c', '0/1')],
      deletes: [],
      resourceVersion: '3',
    })
    expect(list.rows.size).toBe(2)
    expect(frames).toHaveLength(1)
    frames[0]!()
    expect([...list.rows.keys()]).toEqual(['a', 'c'])
    expect(list.cell(list.rows.get('a')!, 'Ready')).toBe('1/1')
    expect(changes.at(-1)).toEqual({
      reset: false,
      upserts: [row('a', '1/1'), row('c', '0/1')],
      deletes: ['b'],
    })
  })

  it('lets a new snapshot win over deltas still waiting', () => {
    const { list, frames } = setUp()
    list.receive({ id: 1, type: 'delta', upserts: [row('z', '1/1')], deletes: [], resourceVersion: '2' })
    list.receive({ id: 1, type: 'snapshot', columns, rows: [row('a', '1/1')], resourceVersion: '5' })
    frames[0]!()
    expect([...list.rows.keys()]).toEqual(['a'])
  })

  it('is whole once a message no longer says that there is more', () => {
    const { list, frames, changes } = setUp()
    expect(list.isWhole.value).toBe(true)
    list.receive({
      id: 1,
      type: 'snapshot',
      columns,
      rows: [row('a', '1/1')],
      resourceVersion: '5',
      more: true,
    })
    expect(list.isWhole.value).toBe(false)
    list.receive({
      id: 1,
      type: 'delta',
      upserts: [row('b', '1/1')],
      deletes: [],
      resourceVersion: '6',
      more: true,
    })
    frames.pop()!()
    expect([list.rows.size, list.isWhole.value]).toEqual([2, false])
    const told = changes.length
    list.receive({ id: 1, type: 'delta', upserts: [], deletes: [], resourceVersion: '7' })
    expect(list.isWhole.value).toBe(false)
    frames.pop()!()
    expect([list.isWhole.value, changes.length]).toEqual([true, told])
  })

  it('keeps its rows in an error and recovers with a snapshot', () => {
    const { list } = setUp()
    list.receive({ id: 1, type: 'error', status: failure(503, 'ServiceUnavailable', 'down').status })
    expect([list.state.value, list.error.value?.message, list.rows.size]).toEqual(['error', 'down', 2])
    list.receive({ id: 1, type: 'snapshot', columns, rows: [], resourceVersion: '9' })
    expect([list.state.value, list.error.value]).toEqual(['ready', undefined])
  })
})
