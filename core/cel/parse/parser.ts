import { nowhere } from '../issues.ts'
import type { Issue, Source } from '../issues.ts'
import type { Entry, Expr, StructField } from './ast.ts'
import { tokenize } from './lexer.ts'
import type { Token } from './lexer.ts'
import { SyntaxProblem, TokenCursor } from './token-cursor.ts'
import { readLiteral } from './literals.ts'
import { expandMacro, MacroError } from './macros.ts'

/** How deep an expression may nest (cel-go: maxRecursionDepth). */
const maxDepth = 250
/** How deep the tree of one may be; upstream's stack grows, ours does not. */
const maxTreeDepth = 1000
/** How long one may be, in code points. */
const maxSize = 100_000
const reserved = new Set(
  'as break const continue else for function if import let loop package namespace return var void while'.split(
    ' ',
  ),
)
const startsOfPrimary =
  "{'[', '{', '(', '.', '-', '!', 'true', 'false', 'null', NUM_FLOAT, NUM_INT, NUM_UINT, STRING, BYTES, IDENTIFIER}"
const relations = new Set(['<', '<=', '>=', '>', '==', '!=', 'in'])
const sums = new Set(['+', '-'])
const products = new Set(['*', '/', '%'])

/** Reads an expression with its macros expanded; undefined when `issues` says what is wrong with it. */
export function parse(source: Source, issues: Issue[]): Expr | undefined {
  if (source.points.length > maxSize) {
    const message = `expression code point size exceeds limit: size: ${source.points.length}, limit ${maxSize}`
    issues.push({ position: nowhere, message })
    return undefined
  }
  const parser = new Parser(new TokenCursor(tokenize(source, issues), issues))
  try {
    const expr = parser.parseAll()
    return issues.length === 0 ? expr : undefined
  } catch (error) {
    if (error instanceof SyntaxProblem) return undefined
    throw error
  }
}

class Parser {
  readonly #tokens: TokenCursor
  readonly #depths = new WeakMap<Expr, number>()
  #depth = 0

  constructor(tokens: TokenCursor) {
    this.#tokens = tokens
  }

  parseAll(): Expr {
    const expr = this.#expr()
    const rest = this.#tokens.peek()
    if (rest.kind !== 'end') {
      const isLast = this.#tokens.peek(1).kind === 'end'
      this.#tokens.fail(rest, `${isLast ? 'extraneous' : 'mismatched'} input '${rest.text}' expecting <EOF>`)
    }
    return expr
  }

  /** Notes how deep a node is; every constructor goes through here. */
  #node<T extends Expr>(expr: T, children: Expr[]): T {
    let depth = 1
    for (const child of children) depth = Math.max(depth, (this.#depths.get(child) ?? 1) + 1)
    if (depth > maxTreeDepth) this.#tokens.tooDeep(maxDepth)
    this.#depths.set(expr, depth)
    return expr
  }

  #operator(token: Token, name: string, ...args: Expr[]): Expr {
    return this.#node({ kind: 'call', name, target: undefined, args, position: token.position }, args)
  }

  #expr(): Expr {
    if (++this.#depth > maxDepth) this.#tokens.tooDeep(maxDepth)
    const condition = this.#logical('||', () =>
      this.#logical('&&', () => this.#chain(relations, () => this.#sum())),
    )
    let expr = condition
    const question = this.#tokens.take('?')
    if (question) {
      const truthy = this.#logical('||', () =>
        this.#logical('&&', () => this.#chain(relations, () => this.#sum())),
      )
      this.#tokens.expect(':')
      expr = this.#operator(question, '_?_:_', condition, truthy, this.#expr())
    }
    this.#depth--
    return expr
  }

  /** `a && b && c` is one call of all its terms. */
  #logical(symbol: '&&' | '||', operand: () => Expr): Expr {
    const first = operand()
    const operator = this.#tokens.take(symbol)
    if (!operator) return first
    const terms = [first, operand()]
    while (this.#tokens.take(symbol)) terms.push(operand())
    return this.#operator(operator, `_${symbol}_`, ...terms)
  }

  #sum(): Expr {
    return this.#chain(sums, () => this.#chain(products, () => this.#unary()))
  }

  #chain(operators: ReadonlySet<string>, operand: () => Expr): Expr {
    let left = operand()
    let links = 0
    for (;;) {
      const token = this.#tokens.peek()
      const isOperator = (token.kind === 'symbol' || token.kind === 'keyword') && operators.has(token.text)
      if (!isOperator) return left
      if (++links > maxDepth) this.#tokens.tooDeep(maxDepth)
      this.#tokens.next()
      left = this.#operator(token, token.text === 'in' ? '@in' : `_${token.text}_`, left, operand())
    }
  }

  #unary(): Expr {
    const first = this.#tokens.peek()
    if (this.#tokens.is('!')) return this.#prefixed('!', '!_', first)
    if (!this.#tokens.is('-')) return this.#member()
    const { kind } = this.#tokens.peek(1)
    return kind === 'int' || kind === 'float' ? this.#member() : this.#prefixed('-', '-_', first)
  }

  #prefixed(symbol: string, name: string, first: Token): Expr {
    let count = 0
    while (this.#tokens.take(symbol)) count++
    const operand = this.#member()
    return count % 2 === 0 ? operand : this.#operator(first, name, operand)
  }

  #member(): Expr {
    let expr = this.#primary()
    let links = 0
    for (;;) {
      const open = this.#tokens.take('[')
      const dot = open ? undefined : this.#tokens.take('.')
      if (!open && !dot) return expr
      if (++links > maxDepth) this.#tokens.tooDeep(maxDepth)
      if (open) {
        const isOptional = this.#tokens.take('?') !== undefined
        const index = this.#expr()
        this.#tokens.expect(']')
        expr = this.#operator(open, isOptional ? '_[?_]' : '_[_]', expr, index)
      } else expr = this.#select(expr, dot!)
    }
  }

  #select(operand: Expr, dot: Token): Expr {
    const { position } = dot
    const isOptional = this.#tokens.take('?') !== undefined
    const token = this.#tokens.next()
    if (token.kind !== 'ident' && token.kind !== 'escaped')
      this.#tokens.fail(
        token,
        token.kind === 'end'
          ? `mismatched input '<EOF>' expecting {'?', IDENTIFIER, ESC_IDENTIFIER}`
          : `no viable alternative at input '.${token.text}'`,
      )
    const name = this.#fieldName(token)
    if (isOptional) {
      const field: Expr = { kind: 'literal', value: name, position: token.position }
      return this.#operator(dot, '_?._', operand, field)
    }
    const open = token.kind === 'ident' ? this.#tokens.take('(') : undefined
    if (!open) return this.#node({ kind: 'select', operand, field: name, isTest: false, position }, [operand])
    return this.#call(name, { position: open.position, target: operand, args: this.#arguments(')') })
  }

  #fieldName({ kind, text, position }: Token): string {
    if (kind !== 'escaped') return text
    this.#tokens.report(position, "unsupported syntax: '`'")
    return text.slice(1, -1)
  }

  #call(name: string, call: { position: number; target: Expr | undefined; args: Expr[] }): Expr {
    const children = call.target ? [call.target, ...call.args] : call.args
    try {
      const expanded = expandMacro(name, call)
      if (expanded) return this.#node(expanded, children)
    } catch (error) {
      if (!(error instanceof MacroError)) throw error
      this.#tokens.report(error.position, error.message)
    }
    return this.#node({ kind: 'call', name, ...call }, children)
  }

  #arguments(close: string): Expr[] {
    const args: Expr[] = []
    if (this.#tokens.take(close)) return args
    do args.push(this.#expr())
    while (this.#tokens.take(','))
    this.#tokens.expect(close)
    return args
  }

  #primary(): Expr {
    const token = this.#tokens.peek()
    if (this.#tokens.take('(')) {
      const expr = this.#expr()
      this.#tokens.expect(')')
      return expr
    }
    if (this.#tokens.take('[')) return this.#list(token)
    if (this.#tokens.take('{')) return this.#map(token)
    const isRooted = this.#tokens.take('.') !== undefined
    const name = this.#tokens.peek()
    if (name.kind === 'ident') return this.#named(name, isRooted)
    if (isRooted) this.#tokens.fail(name, `mismatched input '${name.text}' expecting IDENTIFIER`)
    return this.#literal(token)
  }

  #named(token: Token, isRooted: boolean): Expr {
    this.#tokens.next()
    const name = isRooted ? `.${token.text}` : token.text
    const open = this.#tokens.take('(')
    if (reserved.has(token.text)) this.#tokens.report(token.position, `reserved identifier: ${token.text}`)
    if (open)
      return this.#call(name, { position: open.position, target: undefined, args: this.#arguments(')') })
    return this.#struct(name) ?? this.#node({ kind: 'ident', name, position: token.position }, [])
  }

  /** `a.b.C{field: value}`, if the names that follow lead to a brace. */
  #struct(first: string): Expr | undefined {
    let ahead = 0
    let name = first
    while (this.#tokens.peek(ahead).text === '.' && this.#tokens.peek(ahead + 1).kind === 'ident') {
      name += `.${this.#tokens.peek(ahead + 1).text}`
      ahead += 2
    }
    const brace = this.#tokens.peek(ahead)
    if (brace.kind !== 'symbol' || brace.text !== '{') return undefined
    while (ahead-- >= 0) this.#tokens.next()
    const fields: StructField[] = []
    while (!this.#tokens.is('}')) {
      const isOptional = this.#tokens.take('?') !== undefined
      const key = this.#tokens.next()
      if (key.kind !== 'ident' && key.kind !== 'escaped')
        this.#tokens.fail(
          key,
          `mismatched input '${key.text}' expecting {'}', ',', '?', IDENTIFIER, ESC_IDENTIFIER}`,
        )
      const { position } = this.#tokens.expect(':')
      fields.push({ position, name: this.#fieldName(key), value: this.#expr(), isOptional })
      if (!this.#tokens.take(',')) break
    }
    this.#tokens.expect('}')
    return this.#node(
      { kind: 'struct', name, fields, position: brace.position },
      fields.map(({ value }) => value),
    )
  }

  #list({ position }: Token): Expr {
    const elements: Expr[] = []
    const optional = new Set<number>()
    while (!this.#tokens.is(']')) {
      if (this.#tokens.take('?')) optional.add(elements.length)
      elements.push(this.#expr())
      if (!this.#tokens.take(',')) break
    }
    this.#tokens.expect(']')
    return this.#node({ kind: 'list', elements, optional, position }, elements)
  }

  #map({ position }: Token): Expr {
    const entries: Entry[] = []
    while (!this.#tokens.is('}')) {
      const isOptional = this.#tokens.take('?') !== undefined
      const key = this.#expr()
      const colon = this.#tokens.expect(':')
      entries.push({ position: colon.position, key, value: this.#expr(), isOptional })
      if (!this.#tokens.take(',')) break
    }
    this.#tokens.expect('}')
    return this.#node(
      { kind: 'map', entries, position },
      entries.flatMap(({ key, value }) => [key, value]),
    )
  }

  #literal(first: Token): Expr {
    const sign = this.#tokens.take('-') ? '-' : ''
    const token = this.#tokens.next()
    const value = readLiteral(token, sign, (position, what) => this.#tokens.report(position, what))
    if (value === undefined) {
      const shown = token.text
      this.#tokens.fail(token, `mismatched input '${shown}' expecting ${startsOfPrimary}`)
    }
    return this.#node({ kind: 'literal', value, position: first.position }, [])
  }
}
