import { stripAnsi } from './ansi.ts'

export type LogLevel = 'error' | 'warn' | ''

export interface LogLine {
  /** Counts up from 0 over the life of the buffer. */
  number: number
  /** Index of the stream it came from. */
  source: number
  /** RFC 3339, or ''. */
  time: string
  /** As it came, with escape sequences. */
  raw: string
  /** Without them. */
  text: string
  level: LogLevel
}

const error = /\b(?:error|fatal|panic|critical|exception)\b|"level":\s*"(?:error|fatal)"|^E\d{4} /i
const warn = /\bwarn(?:ing)?\b|^W\d{4} /i

/** How bad a line says it is. Looks at its start only, where loggers put it. */
export function levelOf(text: string): LogLevel {
  const head = text.slice(0, 200)
  if (error.test(head)) return 'error'
  return warn.test(head) ? 'warn' : ''
}

/** The last `capacity` lines and some more: old ones are dropped in blocks, so that pushing stays cheap. */
export class LogBuffer {
  lines: LogLine[] = []
  /** Number the next line gets. */
  next = 0
  /** Grows with every drop or clear, when indexes into `lines` move. */
  epoch = 0
  readonly #capacity: number
  readonly #slack: number

  constructor(capacity: number) {
    this.#capacity = capacity
    this.#slack = Math.max(1, Math.floor(capacity / 10))
  }

  push(entries: readonly { source: number; time: string; raw: string }[]): void {
    for (const entry of entries) {
      const text = stripAnsi(entry.raw)
      this.lines.push({ ...entry, number: this.next++, text, level: levelOf(text) })
    }
    if (this.lines.length > this.#capacity + this.#slack) {
      this.lines = this.lines.slice(-this.#capacity)
      this.epoch++
    }
  }

  clear(): void {
    this.lines = []
    this.epoch++
  }
}
