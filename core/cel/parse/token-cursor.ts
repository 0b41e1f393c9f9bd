import { nowhere } from '../issues.ts'
import type { Issue } from '../issues.ts'
import type { Token } from './lexer.ts'

/** Ends parsing; what is wrong has been reported. */
export class SyntaxProblem extends Error {}

/** Tokens one after the other, and where problems of them are noted. */
export class TokenCursor {
  readonly #tokens: Token[]
  readonly #issues: Issue[]
  #at = 0

  constructor(tokens: Token[], issues: Issue[]) {
    this.#tokens = tokens
    this.#issues = issues
  }

  /** The token that is next, or one of those after it. */
  peek(ahead = 0): Token {
    return this.#tokens[this.#at + ahead] ?? this.#tokens.at(-1)!
  }

  /** Takes the next token, whatever it is. */
  next(): Token {
    const token = this.peek()
    this.#at++
    return token
  }

  /** Whether a symbol or keyword is next. */
  is(text: string): boolean {
    const { kind, text: found } = this.peek()
    return found === text && (kind === 'symbol' || kind === 'keyword')
  }

  /** Takes a symbol or keyword if it is next. */
  take(text: string): Token | undefined {
    return this.is(text) ? this.next() : undefined
  }

  /** Takes a symbol that must be next. */
  expect(text: string): Token {
    return (
      this.take(text) ?? this.fail(this.peek(), `mismatched input '${this.peek().text}' expecting '${text}'`)
    )
  }

  /** Reports a token that cannot stand here, and ends parsing. */
  fail(token: Token, message: string): never {
    this.#issues.push({ position: token.position, message: `Syntax error: ${message}` })
    throw new SyntaxProblem()
  }

  /** Reports what is well-formed but wrong; parsing goes on. */
  report(position: number, message: string): void {
    this.#issues.push({ position, message })
  }

  /** Reports nesting beyond a limit, and ends parsing. */
  tooDeep(limit: number): never {
    this.report(nowhere, `expression recursion limit exceeded: ${limit}`)
    throw new SyntaxProblem()
  }
}
