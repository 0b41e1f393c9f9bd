import { describe, expect, it } from 'vitest'
import {
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
  })
})
