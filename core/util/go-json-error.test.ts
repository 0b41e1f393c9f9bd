import { describe, expect, it } from 'vitest'
import { goJsonError } from './go-json-error.ts'

describe('goJsonError', () => {
  it.each([
    ['', 'unexpected end of JSON input'],
    [' \t\r\n', 'unexpected end of JSON input'],
    ['{"a":', 'unexpected end of JSON input'],
    ['{"a', 'unexpected end of JSON input'],
    ['tru', "invalid character ' ' in literal true (expecting 'e')"],
    ['-', "invalid character ' ' in numeric literal"],
    ['"\\', "invalid character ' ' in string escape code"],
    ['apiVersion: v1', "invalid character 'a' looking for beginning of value"],
    ['[1,]', "invalid character ']' looking for beginning of value"],
    ['{bad', "invalid character 'b' looking for beginning of object key string"],
    ['{"a":1,}', "invalid character '}' looking for beginning of object key string"],
    ['{"a" 1}', "invalid character '1' after object key"],
    ['{"a":1 "b":2}', "invalid character '\"' after object key:value pair"],
    ['[1 2]', "invalid character '2' after array element"],
    ['{"a":01}', "invalid character '1' after object key:value pair"],
    ['{"a":1}}', "invalid character '}' after top-level value"],
    ['1 x', "invalid character 'x' after top-level value"],
    ['"a\nb"', "invalid character '\\n' in string literal"],
    ['"\\x"', "invalid character 'x' in string escape code"],
    ['"\\u00g0"', "invalid character 'g' in \\u hexadecimal character escape"],
    ['-x', "invalid character 'x' in numeric literal"],
    ['1.x', "invalid character 'x' after decimal point in numeric literal"],
    ['1e+x', "invalid character 'x' in exponent of numeric literal"],
    ['{"a":tru}', "invalid character '}' in literal true (expecting 'e')"],
    ['nul0', "invalid character '0' in literal null (expecting 'l')"],
    ["'a'", "invalid character '\\'' looking for beginning of value"],
    ['\\', "invalid character '\\\\' looking for beginning of value"],
    ['é', "invalid character 'Ã' looking for beginning of value"],
    ['\u0001', "invalid character '\\x01' looking for beginning of value"],
    ['\u00a0', "invalid character 'Â' looking for beginning of value"],
  ])('says of %j what Go says', (text, message) => {
    expect(() => JSON.parse(text) as unknown).toThrow()
    expect(goJsonError(Buffer.from(text))).toBe(message)
  })

  it.each(['[', '{"a":'])('does not follow %s for ever', (opening) => {
    expect(goJsonError(Buffer.from(opening.repeat(45_000)))).toBe('exceeded max depth')
  })

  it.each(['null', ' {"a":[1,-0.5e-3,"\\u12aF\\n",true,false,{}],"b":[]} ', '[[]]'])(
    'has nothing to say of %s',
    (text) => {
      expect(goJsonError(Buffer.from(text))).toBeUndefined()
    },
  )
})
