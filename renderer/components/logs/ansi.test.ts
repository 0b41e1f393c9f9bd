import { describe, expect, it } from 'vitest'
import { parseAnsi, stripAnsi } from './ansi.ts'

const esc = '\u001b'

describe('parseAnsi', () => {
  it('gives plain text as one piece', () => {
    expect(parseAnsi('plain')).toEqual([{ text: 'plain', style: {} }])
  })

  it('reads colours, bold and reset', () => {
    expect(parseAnsi(`${esc}[1;31mERR${esc}[0m ok ${esc}[92;44mx`)).toEqual([
      { text: 'ERR', style: { bold: true, foreground: '1' } },
      { text: ' ok ', style: {} },
      { text: 'x', style: { foreground: '10', background: '4' } },
    ])
  })

  it('reads palette and true colours', () => {
    expect(
      parseAnsi(`${esc}[38;5;196ma${esc}[38;2;1;2;3mb${esc}[48;5;232mc`).map(({ style }) => style),
    ).toEqual([
      { foreground: 'rgb(255 0 0)' },
      { foreground: 'rgb(1 2 3)' },
      { foreground: 'rgb(1 2 3)', background: 'rgb(8 8 8)' },
    ])
  })

  it('ends attributes one by one', () => {
    expect(parseAnsi(`${esc}[1;3;4;31ma${esc}[22;23;24;39mb`).at(-1)!.style).toEqual({
      bold: false,
      dim: false,
      italic: false,
      underline: false,
    })
  })

  it('swallows cursor moves, titles and other controls', () => {
    const line = `${esc}[2K${esc}]0;title\u0007a\u0008${esc}[1Gb\r`
    expect(parseAnsi(line)).toEqual([
      { text: 'a', style: {} },
      { text: 'b', style: {} },
    ])
  })

  it('never lets markup be more than text', () => {
    expect(parseAnsi('<img src=x onerror=alert(1)>')).toEqual([
      { text: '<img src=x onerror=alert(1)>', style: {} },
    ])
  })

  it('has as its text what stripAnsi gives', () => {
    const line = `a\t${esc}[31mb${esc}[0m 한글 ${esc}[7mc`
    expect(
      parseAnsi(line)
        .map(({ text }) => text)
        .join(''),
    ).toBe(stripAnsi(line))
  })
})
