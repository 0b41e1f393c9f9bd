/** A problem of an expression at a position, in code points from the start. */
export interface Issue {
  position: number
  message: string
}

/** The position of an issue of the expression as a whole. */
export const nowhere = -1

const maxSnippet = 16384
const maxIssues = 100

/** Source text by code points: what positions count. */
export interface Source {
  points: string[]
}

/** Line (from 1) and column (from 0) of a position. */
function locate(source: Source, position: number): { line: number; column: number } {
  if (position === nowhere) return { line: -1, column: -1 }
  let line = 1
  let start = 0
  for (let index = 0; index < position && index < source.points.length; index++) {
    if (source.points[index] !== '\n') continue
    line++
    start = index + 1
  }
  return { line, column: position - start }
}

/** The issues as cel-go prints them: place, message, source line and caret (common/error.go). */
export function formatIssues(source: Source, issues: Issue[]): string {
  const lines = source.points.join('').split('\n')
  const placed = issues.map((issue) => ({ ...locate(source, issue.position), message: issue.message }))
  placed.sort((a, b) => a.line - b.line || a.column - b.column)
  const texts = placed.map(({ line, column, message }) => {
    const head = `ERROR: <input>:${line}:${column + 1}: ${message}`
    return line < 1 ? head : head + snippetOf(lines[line - 1] ?? '', column)
  })
  const shown = texts.slice(0, maxIssues)
  if (texts.length > maxIssues) shown.push(`${texts.length - maxIssues} more errors were truncated`)
  return shown.join('\n')
}

function snippetOf(line: string, column: number): string {
  const points = [...line.replaceAll('\t', ' ')]
  if (points.length > maxSnippet) return ''
  const isWide = (point: string | undefined): boolean => (point?.codePointAt(0) ?? 0) > 0x7f
  const dots = points.slice(0, column).map((point) => (isWide(point) ? '．' : '.'))
  return `\n | ${points.join('')}\n | ${dots.join('')}${isWide(points[column]) ? '＾' : '^'}`
}
