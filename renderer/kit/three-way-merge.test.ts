import { describe, expect, it } from 'vitest'
import { threeWayMerge } from './three-way-merge.ts'

describe('threeWayMerge', () => {
  it('puts my change onto theirs', () => {
    const base = { spec: { replicas: 1, paused: false }, status: { ready: 0 } }
    const mine = { spec: { replicas: 3, paused: false }, status: { ready: 0 } }
    const theirs = { spec: { replicas: 1, paused: true }, status: { ready: 1 } }
    expect(threeWayMerge(base, mine, theirs)).toEqual({
      value: { spec: { replicas: 3, paused: true }, status: { ready: 1 } },
      conflicts: [],
    })
  })

  it('removes what I removed and keeps what they added', () => {
    const result = threeWayMerge({ a: 1, b: 2 }, { b: 2 }, { a: 1, b: 2, c: 3 })
    expect(result).toEqual({ value: { b: 2, c: 3 }, conflicts: [] })
  })

  it('keeps mine where both changed the same, and says so', () => {
    expect(threeWayMerge({ a: { b: 1 } }, { a: { b: 2 } }, { a: { b: 3 } })).toEqual({
      value: { a: { b: 2 } },
      conflicts: ['a.b'],
    })
  })

  it('merges lists of named entries by name', () => {
    const entry = (name: string, image: string): object => ({ name, image })
    const base = { containers: [entry('a', '1'), entry('b', '1')] }
    const mine = { containers: [entry('a', '2'), entry('b', '1')] }
    const theirs = { containers: [entry('sidecar', '1'), entry('a', '1'), entry('b', '9')] }
    expect(threeWayMerge(base, mine, theirs).value).toEqual({
      containers: [entry('sidecar', '1'), entry('a', '2'), entry('b', '9')],
    })
  })
})
