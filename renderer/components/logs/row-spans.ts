import { parseAnsi, type AnsiStyle } from './ansi.ts'
import type { LogRow } from './log-layout.ts'

export interface RowSpan {
  text: string
  classes: string[]
  style: Record<string, string>
  isMatch: boolean
}

function isIndexed(colour: string): boolean {
  return /^\d+$/.test(colour)
}

function classesOf(style: AnsiStyle): string[] {
  const classes: string[] = []
  if (style.foreground && isIndexed(style.foreground)) classes.push(`fg-${style.foreground}`)
  if (style.background && isIndexed(style.background)) classes.push(`bg-${style.background}`)
  if (style.bold) classes.push('is-bold')
  if (style.dim) classes.push('is-dim')
  if (style.italic) classes.push('is-italic')
  if (style.underline) classes.push('is-underlined')
  return classes
}

function colours(style: AnsiStyle): Record<string, string> {
  const css: Record<string, string> = {}
  if (style.foreground && !isIndexed(style.foreground)) css.color = style.foreground
  if (style.background && !isIndexed(style.background)) css.backgroundColor = style.background
  return css
}

function matchesIn(text: string, matcher: RegExp | undefined): [from: number, to: number][] {
  if (!matcher) return []
  matcher.lastIndex = 0
  return [...text.matchAll(matcher)]
    .filter(({ 0: found }) => found)
    .map((match) => [match.index, match.index + match[0].length])
}

/** The pieces of one row: its part of the line, cut where the style or a search match changes. */
export function rowSpans(row: LogRow, matcher: RegExp | undefined): RowSpan[] {
  const matches = matchesIn(row.line.text, matcher)
  const cuts = matches.flat()
  const spans: RowSpan[] = []
  let at = 0
  for (const span of parseAnsi(row.line.raw)) {
    const start = Math.max(at, row.from)
    const end = Math.min(at + span.text.length, row.to)
    const edges = [start, ...cuts.filter((cut) => cut > start && cut < end), end]
    for (let i = 0; i + 1 < edges.length; i++) {
      const [from, to] = [edges[i]!, edges[i + 1]!]
      if (from >= to) continue
      spans.push({
        text: span.text.slice(from - at, to - at),
        classes: classesOf(span.style),
        style: colours(span.style),
        isMatch: matches.some(([first, last]) => from >= first && to <= last),
      })
    }
    at += span.text.length
  }
  return spans
}
