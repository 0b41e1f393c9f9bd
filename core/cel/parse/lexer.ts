import type { Issue, Source } from '../issues.ts'

export type TokenKind =
  'ident' | 'escaped' | 'int' | 'uint' | 'float' | 'string' | 'bytes' | 'symbol' | 'keyword' | 'end'

/** One token; `position` counts code points. */
export interface Token {
  kind: TokenKind
  text: string
  position: number
}

const stringBody = [
  String.raw`[rR]"""[\s\S]*?"""`,
  String.raw`[rR]'''[\s\S]*?'''`,
  String.raw`[rR]"[^"\n\r]*"`,
  String.raw`[rR]'[^'\n\r]*'`,
  String.raw`"""(?:ESC|[^\\])*?"""`,
  String.raw`'''(?:ESC|[^\\])*?'''`,
  String.raw`"(?:ESC|[^\\"\n\r])*"`,
  String.raw`'(?:ESC|[^\\'\n\r])*'`,
].join('|')
const escape = String.raw`\\(?:[abfnrtv"'\\?${'`'}]|[0-3][0-7][0-7]|[xX][0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8})`
const strings = stringBody.replaceAll('ESC', escape)

/** The lexer rules of cel-go's grammar (parser/gen/CEL.g4), longest first where one begins another. */
const rules: [TokenKind | 'space', RegExp][] = [
  ['space', /(?:[\t \r\n\f]+|\/\/[^\n]*)+/y],
  ['bytes', new RegExp(`[bB](?:${strings})`, 'y')],
  ['string', new RegExp(strings, 'y')],
  ['float', /(?:\d+\.\d+(?:[eE][+-]?\d+)?|\d+[eE][+-]?\d+|\.\d+(?:[eE][+-]?\d+)?)/y],
  ['uint', /(?:0x[0-9a-fA-F]+|\d+)[uU]/y],
  ['int', /0x[0-9a-fA-F]+|\d+/y],
  ['ident', /[A-Za-z_][A-Za-z0-9_]*/y],
  ['escaped', /`[A-Za-z0-9_.\-/ ]+`/y],
  ['symbol', /==|!=|<=|>=|&&|\|\||[<>[\]{}().,\-!?:+*/%]/y],
]
const keywords = new Set(['in', 'true', 'false', 'null'])

/** Splits an expression; text that is no token is reported and skipped, as the grammar's lexer does. */
export function tokenize(source: Source, issues: Issue[]): Token[] {
  const text = source.points.join('')
  const tokens: Token[] = []
  let index = 0
  let position = 0
  while (index < text.length) {
    const [kind, found] = longestMatch(text, index)
    if (kind === undefined) {
      const skipped = String.fromCodePoint(text.codePointAt(index)!)
      issues.push({ position, message: `Syntax error: token recognition error at: '${skipped}'` })
      index += skipped.length
      position++
      continue
    }
    if (kind !== 'space') {
      const isKeyword = kind === 'ident' && keywords.has(found)
      tokens.push({ kind: isKeyword ? 'keyword' : kind, text: found, position })
    }
    index += found.length
    position += text.length === source.points.length ? found.length : [...found].length
  }
  tokens.push({ kind: 'end', text: '<EOF>', position })
  return tokens
}

function longestMatch(text: string, index: number): [TokenKind | 'space' | undefined, string] {
  for (const [kind, rule] of rules) {
    rule.lastIndex = index
    const match = rule.exec(text)
    if (match) return [kind, match[0]]
  }
  return [undefined, '']
}
