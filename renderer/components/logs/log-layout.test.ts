import { describe, expect, it } from 'vitest'
import { levelOf, LogBuffer } from './log-buffer.ts'
import { LogLayout } from './log-layout.ts'
import { rowSpans } from './row-spans.ts'

const lines = (texts: string[]): { source: number; time: string; raw: string }[] =>
  texts.map((raw) => ({ source: 0, time: '', raw }))
const shown = (layout: LogLayout): string[] =>
  layout.rows(0, layout.rowCount).map(({ line, from, to }) => line.text.slice(from, to))

describe('LogBuffer', () => {
  it('keeps the newest lines, dropping old ones in blocks', () => {
    const buffer = new LogBuffer(100)
    for (let i = 0; i < 1_000; i++) buffer.push(lines([`line ${i}`]))
    expect(buffer.lines.length).toBeLessThanOrEqual(110)
    expect(buffer.lines.length).toBeGreaterThanOrEqual(100)
    expect(buffer.lines.at(-1)).toMatchObject({ text: 'line 999', number: 999 })
  })

  it.each([
    ['2026-01-01 ERROR no route', 'error'],
    ['{"level":"error","msg":"x"}', 'error'],
    ['WARN slow', 'warn'],
    ['E0101 12:00:00 main.go] x', 'error'],
    ['INFO fine', ''],
    ['terrors of the deep', ''],
  ])('tells how bad %j says it is', (text, level) => expect(levelOf(text)).toBe(level))
})

describe('LogLayout', () => {
  it('wraps by cells, counting Korean as two', () => {
    const buffer = new LogBuffer(100)
    buffer.push(lines(['abcdefgh', '가나다라', '']))
    const layout = new LogLayout(buffer)
    layout.setView({ columns: 5, matcher: undefined, onlyMatches: false })
    expect(shown(layout)).toEqual(['abcde', 'fgh', '가나', '다라', ''])
    expect(layout.rows(3, 5).map(({ isFirst }) => isFirst)).toEqual([false, true])
  })

  it('appends what came since, and lays out anew once lines were dropped', () => {
    const buffer = new LogBuffer(10)
    const layout = new LogLayout(buffer)
    layout.update()
    buffer.push(lines(['a', 'b']))
    layout.update()
    expect(shown(layout)).toEqual(['a', 'b'])
    buffer.push(lines(Array.from({ length: 20 }, (_, index) => String(index))))
    layout.update()
    expect(shown(layout)).toEqual(Array.from({ length: 10 }, (_, index) => String(index + 10)))
    buffer.clear()
    layout.update()
    expect(layout.rowCount).toBe(0)
  })

  it('finds matches and can show them alone', () => {
    const buffer = new LogBuffer(100)
    buffer.push(lines(['ok', 'an error', 'ok', 'Error again']))
    const layout = new LogLayout(buffer)
    layout.setView({ columns: Infinity, matcher: /error/gi, onlyMatches: false })
    expect(layout.matches).toEqual([1, 3])
    expect(layout.rowOf(layout.matches[1]!)).toBe(3)
    layout.setView({ columns: Infinity, matcher: /error/gi, onlyMatches: true })
    expect(shown(layout)).toEqual(['an error', 'Error again'])
  })

  it('cuts coloured text at wraps and matches', () => {
    const buffer = new LogBuffer(100)
    buffer.push(lines(['\u001b[31mred\u001b[0m and plain']))
    const layout = new LogLayout(buffer)
    layout.setView({ columns: 5, matcher: /d a/g, onlyMatches: false })
    const [first, second] = layout.rows(0, 2)
    const pieces = (row: typeof first): [string, boolean][] =>
      rowSpans(row!, /d a/g).map(({ text, isMatch }) => [text, isMatch])
    expect(pieces(first)).toEqual([
      ['re', false],
      ['d', true],
      [' a', true],
    ])
    expect(pieces(second)).toEqual([['nd pl', false]])
  })
})
