import { describe, expect, it } from 'vitest'
import { toFieldText } from './field-text.ts'

describe('the value of a field the page knows nothing about', () => {
  it.each([
    [3, '3'],
    [false, 'false'],
    ['wood', 'wood'],
    [['a', 'b'], 'a, b'],
    [{}, ''],
    [null, ''],
  ])('%j stands on one line', (value, text) => {
    expect(toFieldText(value)).toEqual({ text, isBlock: false })
  })

  it('is a block of YAML where it has an inside, or lines', () => {
    expect(toFieldText({ a: [{ b: 1 }] })).toEqual({ text: 'a:\n- b: 1', isBlock: true })
    expect(toFieldText('one\ntwo')).toEqual({ text: 'one\ntwo', isBlock: true })
  })
})
