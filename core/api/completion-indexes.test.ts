import { describe, expect, it } from 'vitest'
import { formatIndexes, parseIndexes } from './completion-indexes.ts'

describe('completion indexes', () => {
  it.each([
    ['', []],
    ['3', [3]],
    ['1,3-5,7', [1, 3, 4, 5, 7]],
    ['3,4', [3, 4]],
  ])('reads and writes %j', (text, indexes) => {
    expect(parseIndexes(text, 10)).toEqual(indexes)
    expect(formatIndexes(new Set(indexes))).toBe(text)
  })

  it.each([
    ['a', 'cannot convert string to integer for index: "a"'],
    ['1-2-3', 'the fragment "1-2-3" violates the requirement'],
    ['10', 'too large index: "10"'],
    ['3,2', 'non-increasing order, previous: 3, current: 2'],
    ['5-4', 'non-increasing order, previous: 5, current: 4'],
  ])('refuses %j', (text, message) => {
    expect(() => parseIndexes(text, 10)).toThrow(message)
  })
})
