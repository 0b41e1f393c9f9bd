import { describe, expect, it } from 'vitest'
import { configEntries, entryPatch, secretEntries, toBase64 } from './data-entries.ts'

const metadata = { name: 'x' }
const brief = ({ key, text, bytes, isEditable }: ReturnType<typeof secretEntries>[number]): unknown[] => [
  key,
  text,
  bytes.length,
  isEditable,
]

describe('the values of a Secret and of a ConfigMap', () => {
  it('are text where their bytes are, by name', () => {
    const data = { word: '7ZWc6riA', empty: '', blob: '/wD+', dos: 'YQ0K', mark: '77u/YQ==' }
    expect(secretEntries({ metadata, data }).map(brief)).toEqual([
      ['blob', undefined, 3, false],
      ['dos', 'a\r\n', 3, false],
      ['empty', '', 0, true],
      ['mark', '\uFEFFa', 4, true],
      ['word', '한글', 6, true],
    ])
  })

  it('are texts and bytes of a ConfigMap alike', () => {
    expect(configEntries({ metadata, data: { b: 'é' }, binaryData: { a: 'AAE=' } }).map(brief)).toEqual([
      ['a', undefined, 2, false],
      ['b', 'é', 2, true],
    ])
    expect(configEntries({ metadata })).toEqual([])
  })

  it('are patched one by one', () => {
    expect(entryPatch('Secret', 'word', '한글')).toEqual({ data: { word: '7ZWc6riA' } })
    expect(entryPatch('ConfigMap', 'word', '한글')).toEqual({ data: { word: '한글' } })
    expect(toBase64(new Uint8Array([255, 0, 254]))).toBe('/wD+')
  })
})
