import type { LogBuffer, LogLine } from './log-buffer.ts'
import { rowStarts } from './text-width.ts'

export interface LogView {
  /** Cells per row; Infinity does not wrap. */
  columns: number
  /** Finds matches of the search in a line's text; undefined without a search. */
  matcher: RegExp | undefined
  /** Show only matching lines. */
  onlyMatches: boolean
}

/** One row on the screen: a line, or a part of a wrapped one. */
export interface LogRow {
  line: LogLine
  from: number
  to: number
  /** Whether the line begins here. */
  isFirst: boolean
  index: number
}

/**
 * Turns the buffer's lines into screen rows of one height, so that wrapped logs can be virtualised too. Appending is
 * incremental; a changed view or dropped lines lay out anew.
 */
export class LogLayout {
  #view: LogView = { columns: Infinity, matcher: undefined, onlyMatches: false }
  readonly #buffer: LogBuffer
  #epoch = -1
  #read = 0
  #lines: LogLine[] = []
  /** Row behind the last one of each line. */
  #ends: number[] = []
  /** Indexes into the shown lines that match. */
  matches: number[] = []

  constructor(buffer: LogBuffer) {
    this.#buffer = buffer
  }

  get rowCount(): number {
    return this.#ends.at(-1) ?? 0
  }
  get lineCount(): number {
    return this.#lines.length
  }

  setView(view: LogView): void {
    this.#view = view
    this.#epoch = -1
    this.update()
  }

  /** Takes in what the buffer got since. */
  update(): void {
    if (this.#epoch !== this.#buffer.epoch) {
      this.#epoch = this.#buffer.epoch
      this.#read = 0
      this.#lines = []
      this.#ends = []
      this.matches = []
    }
    const { lines } = this.#buffer
    for (; this.#read < lines.length; this.#read++) this.#append(lines[this.#read]!)
  }

  #append(line: LogLine): void {
    const { matcher, onlyMatches, columns } = this.#view
    const isMatch = matcher ? this.#test(matcher, line.text) : false
    if (matcher && onlyMatches && !isMatch) return
    const rows = columns === Infinity ? 1 : rowStarts(line.text, columns).length
    if (isMatch) this.matches.push(this.#lines.length)
    this.#lines.push(line)
    this.#ends.push(this.rowCount + rows)
  }

  #test(matcher: RegExp, text: string): boolean {
    matcher.lastIndex = 0
    return matcher.test(text)
  }

  /** First row of a shown line. */
  rowOf(lineIndex: number): number {
    return lineIndex === 0 ? 0 : (this.#ends[lineIndex - 1] ?? 0)
  }

  /** The rows from `from` up to, not including, `to`. */
  rows(from: number, to: number): LogRow[] {
    const rows: LogRow[] = []
    let lineIndex = this.#lineAt(from)
    for (let row = from; row < Math.min(to, this.rowCount); lineIndex++) {
      const line = this.#lines[lineIndex]
      if (!line) break
      const starts = this.#view.columns === Infinity ? [0] : rowStarts(line.text, this.#view.columns)
      for (let part = row - this.rowOf(lineIndex); part < starts.length && row < to; part++, row++) {
        rows.push({
          line,
          from: starts[part] ?? 0,
          to: starts[part + 1] ?? line.text.length,
          isFirst: part === 0,
          index: row,
        })
      }
    }
    return rows
  }

  /** All shown lines, for download and copy. */
  lines(): readonly LogLine[] {
    return this.#lines
  }

  #lineAt(row: number): number {
    let low = 0
    let high = this.#ends.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if (this.#ends[middle]! <= row) low = middle + 1
      else high = middle
    }
    return low
  }
}
