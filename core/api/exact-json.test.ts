import { describe, expect, it } from 'vitest'
import { exactInteger, parseExactJson } from './exact-json.ts'

describe('parseExactJson', () => {
  it.each([
    ['9007199254740991', 9007199254740991],
    ['9007199254740992', 9007199254740992n],
    ['-9007199254740993', -9007199254740993n],
    ['9223372036854775807', 9223372036854775807n],
    ['-9223372036854775808', -9223372036854775808n],
    ['9223372036854775808', 2 ** 63],
    ['123456789012345678901234567890', 1.2345678901234568e29],
    ['9007199254740993.0', 9007199254740992],
    ['9007199254740993e0', 9007199254740992],
    ['0.30000000000000004', 0.30000000000000004],
    ['"9007199254740993"', '9007199254740993'],
  ])('reads %s', (text, value) => {
    expect(parseExactJson(text)).toBe(value)
    for (let pad = 0; pad < 20; pad++) {
      expect(parseExactJson(`${' '.repeat(pad)}[${text}]`)).toEqual([value])
    }
  })

  it('writes what it has read', () => {
    const text = '{"a":9007199254740993,"b":[-9223372036854775808,1.5,{"c":9223372036854775807}],"a2":1}'
    expect(JSON.stringify(parseExactJson(text))).toBe(text)
    expect(JSON.stringify({ a: 9007199254740993n }, null, 1)).toBe('{\n "a": 9007199254740993\n}')
  })

  it('takes the last of duplicate keys, and keys by any name', () => {
    const parsed = parseExactJson('{"a":9007199254740993,"a":9007199254740995,"__proto__":9007199254740993}')
    expect(Object.entries(parsed as object)).toEqual([
      ['a', 9007199254740995n],
      ['__proto__', 9007199254740993n],
    ])
  })

  it('refuses what is no JSON', () => {
    expect(() => parseExactJson('{"a":9007199254740993')).toThrow(SyntaxError)
    expect(() => parseExactJson('09007199254740993')).toThrow(SyntaxError)
  })
})

describe('exactInteger', () => {
  it('is a number where that is exact, or a float anyway', () => {
    expect(exactInteger(5n)).toBe(5)
    expect(exactInteger(2n ** 53n)).toBe(2n ** 53n)
    expect(exactInteger(2n ** 64n)).toBe(2 ** 64)
  })
})
