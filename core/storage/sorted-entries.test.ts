import { describe, expect, it } from 'vitest'
import { SortedEntries } from './sorted-entries.ts'
import type { Entry } from './store.ts'
import { entryOfObject } from './stored-entry.ts'

const entry = (key: string, revision = 1): Entry =>
  entryOfObject({ key, revision, createRevision: 1 }, { kind: 'ConfigMap', metadata: { name: key } })

/** 0 to 2,999, each once, far from in order. */
const numbers = Array.from({ length: 3000 }, (_, at) => (at * 1789) % 3000)
const keyOf = (number: number): string => `/a/b/${String(number).padStart(4, '0')}`
const inOrder = numbers.toSorted((a, b) => a - b)

function filled(): SortedEntries {
  const entries = new SortedEntries()
  for (const number of numbers) entries.set(entry(keyOf(number)))
  return entries
}

const keys = (entries: Entry[]): string[] => entries.map(({ key }) => key)

describe('SortedEntries', () => {
  it('keeps what comes in any order in key order', () => {
    expect(keys(filled().slice('', undefined))).toEqual(inOrder.map(keyOf))
  })

  it('cuts at both ends wherever they are', () => {
    const entries = filled()
    for (const [from, end] of [
      [0, 3000],
      [0, 1],
      [255, 257],
      [511, 1513],
      [2999, 3000],
      [700, 700],
      [900, 800],
    ] as const) {
      const between = inOrder.slice(from, end).map(keyOf)
      expect(keys(entries.slice(keyOf(from), keyOf(end)))).toEqual(between)
      expect(keys(entries.slice(keyOf(from), keyOf(end), true))).toEqual(between.slice(1))
    }
    expect(keys(entries.slice(keyOf(2998), undefined))).toEqual([keyOf(2998), keyOf(2999)])
    expect(entries.slice('/a/c', undefined)).toEqual([])
    expect(entries.slice('', '/a')).toEqual([])
  })

  it('replaces an entry in its place', () => {
    const entries = filled()
    for (const number of numbers) entries.set(entry(keyOf(number), 2))
    const all = entries.slice('', undefined)
    expect(keys(all)).toEqual(inOrder.map(keyOf))
    expect(all.every(({ revision }) => revision === 2)).toBe(true)
  })

  it('lets entries go until nothing is left', () => {
    const entries = filled()
    entries.delete('/a/b/9999')
    for (const number of numbers) if (number % 3 > 0) entries.delete(keyOf(number))
    expect(keys(entries.slice('', undefined))).toEqual(
      inOrder.filter((number) => number % 3 === 0).map(keyOf),
    )
    for (const number of numbers) entries.delete(keyOf(number))
    expect(entries.slice('', undefined)).toEqual([])
    entries.set(entry(keyOf(1)))
    expect(keys(entries.slice('', undefined))).toEqual([keyOf(1)])
  })
})
