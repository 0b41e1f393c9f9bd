import { describe, expect, it } from 'vitest'
import { findDuplicateKeys, strictProblemsInOrder } from './duplicate-keys.ts'

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

  it('tells of unknown fields among duplicates in the order of the text', () => {
    const text = '{"x":1,"spec":{"odd":1,"n":1,"n":2,"n":3,"odd":2,"late":{"x":1,"x":2}},"a":{"odd":1}}'
    expect(strictProblemsInOrder(text, ['x', 'spec.odd', 'spec.late', 'elsewhere'])).toEqual([
      'unknown field "x"',
      'unknown field "spec.odd"',
      'duplicate field "spec.n"',
      'unknown field "spec.late"',
      'unknown field "elsewhere"',
    ])
  })

  it('ends on anything, however deep or broken', () => {
    expect(findDuplicateKeys('['.repeat(1_000_000))).toEqual([])
    expect(findDuplicateKeys('{"a":'.repeat(100_000))).toEqual([])
    expect(findDuplicateKeys('}]"')).toEqual([])
  })
})

describe('of very many problems', () => {
  const upTo = (count: number, text: (at: number) => string): string[] =>
    Array.from({ length: count }, (_, at) => text(at))

  it('the first hundred are told, in time that is no matter of how many there are', () => {
    const unknown = upTo(60_000, (at) => `x${at}`)
    const repeated = upTo(60_000, (at) => `"a${at}":1,"a${at}":2`)
    const text = `{"spec":{${repeated.join()}},${unknown.map((name) => `"${name}":1`).join()}}`
    const hundred = upTo(100, (at) => `duplicate field "spec.a${at}"`)
    expect(strictProblemsInOrder(text, unknown)).toEqual(hundred)
    expect(findDuplicateKeys(text)).toEqual(upTo(100, (at) => `spec.a${at}`))
    const deep = `{${unknown.map((name) => `"${name}":1`).join()},"spec":{${repeated.join()}}}`
    expect(strictProblemsInOrder(deep, unknown)).toEqual(upTo(100, (at) => `unknown field "x${at}"`))
  })
})
