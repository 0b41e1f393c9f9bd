import { describe, expect, it } from 'vitest'
import { en } from './en.ts'
import { createAppI18n } from './i18n.ts'
import { ko } from './ko.ts'

type Tree = Record<string, Record<string, string>>
const flat = (messages: Tree): [string, string][] =>
  Object.entries(messages).flatMap(([area, texts]) =>
    Object.entries(texts).map(([key, text]): [string, string] => [`${area}.${key}`, text]),
  )
const parametersOf = (text: string): string[] =>
  [...new Set([...text.matchAll(/\{(\w+)\}/g)].map(([, name]) => name!))].sort()
const english = new Map(flat(en))

describe('messages', () => {
  it('are the same in every language', () => {
    expect(flat(ko).map(([key]) => key)).toEqual([...english.keys()])
  })

  it('are never empty', () => {
    expect([...flat(en), ...flat(ko)].filter(([, text]) => !text.trim())).toEqual([])
  })

  it.each(flat(ko))('%s takes the same parameters in Korean', (key, text) => {
    expect(parametersOf(text)).toEqual(parametersOf(english.get(key)!))
  })

  it('can all be formatted without a compiler', () => {
    for (const language of ['en', 'ko'] as const) {
      const { t } = createAppI18n(language).global
      const format = t as (key: string, params: Record<string, unknown>, n: number) => string
      for (const [key, text] of flat(en)) {
        const params = Object.fromEntries(parametersOf(text).map((name) => [name, name === 'n' ? 2 : 'X']))
        expect(format(key, params, 2)).not.toMatch(/[{}|]|^$/)
      }
    }
  })

  it('take the plural form for the number', () => {
    const format = createAppI18n('en').global.t as (key: string, params: object, n: number) => string
    expect(format('apply.count', { n: 1 }, 1)).toBe('1 object')
    expect(format('apply.count', { n: 3 }, 3)).toBe('3 objects')
    const korean = createAppI18n('ko').global.t as (key: string, params: object, n: number) => string
    expect(korean('apply.count', { n: 1 }, 1)).toBe('오브젝트 1개')
  })
})
