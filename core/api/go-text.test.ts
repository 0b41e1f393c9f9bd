import { describe, expect, it } from 'vitest'
import { goJson, goNumber, goQuote, goSyntax, goValue } from './go-text.ts'

describe('values in the words of Go', () => {
  it.each([
    ['plain é "quoted" \\', '"plain é \\"quoted\\" \\\\"'],
    ['a\nb\t\u0001\u007f', '"a\\nb\\t\\x01\\x7f"'],
    ['\u2028 \u00a0 😀 \u{e0001}', '"\\u2028 \\u00a0 😀 \\U000e0001"'],
  ])('quotes %j', (text, quoted) => {
    expect(goQuote(text)).toBe(quoted)
  })

  it.each([
    [0, '0'],
    [12345678, '12345678'],
    [-1.5, '-1.5'],
    [123456789.123, '1.23456789123e+08'],
    [123456.5, '123456.5'],
    [0.0001, '0.0001'],
    [0.00012345, '0.00012345'],
    [0.00001, '1e-05'],
    [1e20, '1e+20'],
    [2 ** 53, '9.007199254740992e+15'],
    [2n ** 53n, '9007199254740992'],
  ])('writes %d as %s', (value, text) => {
    expect(goNumber(value)).toBe(text)
  })

  it('writes structures bare, in its syntax and as JSON', () => {
    const value = { b: ['x', null, true], a: 1 }
    expect(goValue(value)).toBe('map[a:1 b:[x <nil> true]]')
    expect(goSyntax(value)).toBe(
      'map[string]interface {}{"a":1, "b":[]interface {}{"x", interface {}(nil), true}}',
    )
    expect(goJson({ rule: 'a < b && c > d' })).toBe('{"rule":"a \\u003c b \\u0026\\u0026 c \\u003e d"}')
  })
})
