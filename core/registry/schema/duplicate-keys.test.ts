import { describe, expect, it } from 'vitest'
import { findDuplicateKeys } from './duplicate-keys.ts'

describe('findDuplicateKeys', () => {
  it.each([
    ['{"a":1,"b":{"a":2}}', []],
    ['{"a":1,"a":2}', ['a']],
    ['{"spec":{"replicas":1,"replicas":2}}', ['spec.replicas']],
    ['{"spec":{"containers":[{"name":"a"},{"name":"b","name":"c"}]}}', ['spec.containers[1].name']],
    ['{"a":[[1,2],[{"x":1,"x":1}]]}', ['a[1][0].x']],
    ['{"a":"}{\\"a\\":","a ":1}', []],
    [String.raw`{"\u0061":1,"a":2}`, ['a']],
    ['{"a":{"b":1},"a":{"b":2}}', ['a']],
    ['["a","a"]', []],
  ])('%s', (text, paths) => {
    expect(findDuplicateKeys(text)).toEqual(paths)
  })

  it('ends on anything, however deep or broken', () => {
    expect(findDuplicateKeys('['.repeat(1_000_000))).toEqual([])
    expect(findDuplicateKeys('{"a":'.repeat(100_000))).toEqual([])
    expect(findDuplicateKeys('}]"')).toEqual([])
  })
})
