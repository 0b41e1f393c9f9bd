import { describe, expect, it } from 'vitest'
import {
  escapedFieldValue,
  formatRequirements,
  labelMatcher,
  matchesRequirements,
  parseFieldSelector,
  parseLabelSelector,
  SelectorError,
} from './selectors.ts'

const labels = { app: 'web', tier: 'front', 'example.com/v': '3' }

describe('label selectors', () => {
  it.each([
    ['', true],
    ['app=web', true],
    ['app==web,tier!=back', true],
    ['app in (api, web),tier', true],
    ['app notin (api)', true],
    ['missing!=x', true],
    ['!missing', true],
    ['!app', false],
    ['missing', false],
    ['app=api', false],
    ['missing notin (x)', true],
    ['example.com/v>2', true],
    ['example.com/v<3', false],
    ['app=', false],
  ])('%j matches: %s', (text, expected) => {
    expect(matchesRequirements(parseLabelSelector(text), labels)).toBe(expected)
  })

  it.each(['a b', '=x', 'a=b=c d', 'a===b', 'in (x)y', 'a in x', 'a>b', '-a=b'])('refuses %j', (text) => {
    expect(() => parseLabelSelector(text)).toThrow(SelectorError)
  })

  // The texts are upstream's answers to the same selectors.
  it.each([
    ['a b c', "unable to parse requirement: found 'b', expected: in, notin, =, ==, !=, gt, lt"],
    ['a===b', "unable to parse requirement: found '=', expected: identifier"],
    ['a in b', "unable to parse requirement: found 'b' expected: '('"],
    ['a in (b', "unable to parse requirement: found '', expected: ',' or ')'"],
    ['a in (b c)', "unable to parse requirement: found 'c', expected: ',' or ')'"],
    ['a notin', "unable to parse requirement: found '' expected: '('"],
    ['!', "unable to parse requirement: found '', expected: identifier"],
    ['!a b', "found 'b', expected: ',' or 'end of string'"],
    ['a=b=c', "found '=', expected: ',' or 'end of string'"],
    ['=x', "found '=', expected: !, identifier, or 'end of string'"],
    ['a,', "found '', expected: identifier after ','"],
    ['a,,b', "found ',', expected: identifier after ','"],
    [',', "found ',', expected: !, identifier, or 'end of string'"],
    [
      'a>b',
      `unable to parse requirement: values[0]: Invalid value: "b": for 'Gt', 'Lt' operators, the value must be an integer`,
    ],
    [
      '-a',
      `unable to parse requirement: <nil>: Invalid value: "-a": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')`,
    ],
    [
      'a=-b',
      `unable to parse requirement: values[0][a]: Invalid value: "-b": a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')`,
    ],
  ])('says of %j what is wrong', (text, message) => {
    expect(() => parseLabelSelector(text)).toThrow(new SelectorError(message))
  })

  it('takes values that are left out, and keywords as keys and values', () => {
    const parsed = parseLabelSelector('in in (in, ,in),notin,a in (),b in (x,),c = , d == e')
    expect(parsed.map(({ key, operator, values }) => [key, operator, values])).toEqual([
      ['in', 'in', ['', 'in']],
      ['notin', 'exists', []],
      ['a', 'in', ['']],
      ['b', 'in', ['', 'x']],
      ['c', '=', ['']],
      ['d', '=', ['e']],
    ])
  })

  it('does not find labels on the prototype', () => {
    expect(matchesRequirements(parseLabelSelector('constructor'), labels)).toBe(false)
  })

  it('selects nothing without a selector and everything with an empty one', () => {
    expect(labelMatcher(undefined)(labels)).toBe(false)
    expect(labelMatcher({})(labels)).toBe(true)
    const selector = { matchLabels: { app: 'web' }, matchExpressions: [{ key: 'tier', operator: 'Exists' }] }
    expect(labelMatcher(selector)(labels)).toBe(true)
    expect(labelMatcher(selector)({ app: 'web' })).toBe(false)
  })

  it('prints what it parsed', () => {
    const text = 'a=b,c in (d,e),f,!g,h!=i,j>1'
    expect(formatRequirements(parseLabelSelector(text))).toBe(text)
  })
})

describe('field selectors', () => {
  it('parses terms with escapes', () => {
    expect(parseFieldSelector('metadata.name=a\\,b,status.phase!=Running')).toEqual([
      { field: 'metadata.name', operator: '=', value: 'a,b' },
      { field: 'status.phase', operator: '!=', value: 'Running' },
    ])
    expect(() => parseFieldSelector('metadata.name')).toThrow(SelectorError)
    expect(parseFieldSelector('a=b,,')).toEqual([{ field: 'a', operator: '=', value: 'b' }])
    expect(() => parseFieldSelector('a=b=c')).toThrow(
      'invalid field selector: unescaped character in value: 61',
    )
    expect(() => parseFieldSelector('a=b\\c')).toThrow('invalid field selector: invalid escape sequence: \\c')
  })

  // As upstream's ParseSelector reads them.
  it.each<[string, Array<[string, '=' | '!=', string]>]>([
    ['', []],
    ['=', []],
    ['==', []],
    ['!=', []],
    [',,=,', []],
    ['a=', [['a', '=', '']]],
    ['=b', [['', '=', 'b']]],
    ['!=b', [['', '!=', 'b']]],
    ['a==b', [['a', '=', 'b']]],
    ['a!=b', [['a', '!=', 'b']]],
    [' a = b ', [[' a ', '=', ' b ']]],
    [
      'b=1,a=2',
      [
        ['a', '=', '2'],
        ['b', '=', '1'],
      ],
    ],
    ['a\\,b=c', [['a\\,b', '=', 'c']]],
    ['a=\\\\\\,\\=', [['a', '=', '\\,=']]],
    ['a=b\\=c', [['a', '=', 'b=c']]],
  ])('%j: %j', (text, terms) => {
    expect(parseFieldSelector(text).map(({ field, operator, value }) => [field, operator, value])).toEqual(
      terms,
    )
  })

  it.each([
    [' ', "invalid selector: ' '; can't understand ' '"],
    ['b,a', "invalid selector: 'b,a'; can't understand 'a'"],
    ['a===b', 'invalid field selector: unescaped character in value: 61'],
    ['a!==b', 'invalid field selector: unescaped character in value: 61'],
    ['a=b\\', 'invalid field selector: invalid escape sequence: \\'],
    ['a=\\😀', 'invalid field selector: invalid escape sequence: \\😀'],
  ])('refuses %j', (text, message) => {
    expect(() => parseFieldSelector(text)).toThrow(new SelectorError(message))
  })

  it('writes values so that they are read again', () => {
    const value = 'a\\b,c=d'
    expect(parseFieldSelector(`x=${escapedFieldValue(value)}`)).toEqual([
      { field: 'x', operator: '=', value },
    ])
  })
})
