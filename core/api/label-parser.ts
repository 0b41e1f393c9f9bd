import { labelValueProblems, qualifiedNameProblems } from './names.ts'

/** One term of a label selector (upstream: apimachinery/pkg/labels/selector.go). */
export interface Requirement {
  key: string
  operator: 'in' | 'notin' | 'exists' | '!' | '=' | '!=' | 'gt' | 'lt'
  values: string[]
}

/** Thrown for a selector that does not parse; the message says what and where. */
export class SelectorError extends Error {}

/** Symbols as they stand, `in` and `notin`, the empty text for the end; anything else is an identifier. */
const token = /[ \t\r\n]*(==|!=|[=!(),<>]|[^=!(),<> \t\r\n]+|$)/y
const symbols = new Set(['==', '!=', '=', '!', '(', ')', ',', '<', '>', ''])
const operators = new Map<string, Requirement['operator']>([
  ['in', 'in'],
  ['notin', 'notin'],
  ['=', '='],
  ['==', '='],
  ['!=', '!='],
  ['>', 'gt'],
  ['<', 'lt'],
])

function tokensOf(text: string): string[] {
  token.lastIndex = 0
  const tokens: string[] = []
  do tokens.push(token.exec(text)![1]!)
  while (tokens.at(-1) !== '')
  return tokens
}

function invalid(path: string, value: string, problem: string): string {
  return `${path}: Invalid value: ${JSON.stringify(value)}: ${problem}`
}

/** Reads tokens from left to right; the refusals are those of upstream's Parser. */
class LabelParser {
  readonly #tokens: string[]
  #at = 0

  constructor(text: string) {
    this.#tokens = tokensOf(text)
  }

  parse(): Requirement[] {
    const requirements: Requirement[] = []
    for (;;) {
      const next = this.#peek()
      if (next === '') return requirements
      if (next !== '!' && symbols.has(next))
        throw new SelectorError(`found '${next}', expected: !, identifier, or 'end of string'`)
      requirements.push(this.#requirement())
      const after = this.#take()
      if (after === '') return requirements
      if (after !== ',') throw new SelectorError(`found '${after}', expected: ',' or 'end of string'`)
      const following = this.#peek()
      if (following !== '!' && symbols.has(following))
        throw new SelectorError(`found '${following}', expected: identifier after ','`)
    }
  }

  #peek(): string {
    return this.#tokens[this.#at] ?? ''
  }

  #take(): string {
    return this.#tokens[this.#at++] ?? ''
  }

  #refuse(why: string): never {
    throw new SelectorError(`unable to parse requirement: ${why}`)
  }

  #requirement(): Requirement {
    const isAbsence = this.#peek() === '!'
    if (isAbsence) this.#take()
    const key = this.#identifier()
    const problems = qualifiedNameProblems(key)
    if (problems.length > 0) this.#refuse(invalid('<nil>', key, problems.join('; ')))
    if (isAbsence) return { key, operator: '!', values: [] }
    const next = this.#peek()
    if (next === '' || next === ',') return { key, operator: 'exists', values: [] }
    const literal = this.#take()
    const operator = operators.get(literal)
    if (!operator) this.#refuse(`found '${literal}', expected: in, notin, =, ==, !=, gt, lt`)
    const values = operator === 'in' || operator === 'notin' ? this.#values() : [this.#value()]
    this.#check(key, operator, values)
    return { key, operator, values }
  }

  #check(key: string, operator: Requirement['operator'], values: string[]): void {
    const errors: string[] = []
    for (const [at, value] of values.entries()) {
      if ((operator === 'gt' || operator === 'lt') && !/^[+-]?\d+$/.test(value))
        errors.push(invalid(`values[${at}]`, value, "for 'Gt', 'Lt' operators, the value must be an integer"))
      const problems = labelValueProblems(value)
      if (problems.length > 0) errors.push(invalid(`values[${at}][${key}]`, value, problems.join('; ')))
    }
    if (errors.length > 0) this.#refuse(errors.length === 1 ? errors[0]! : `[${errors.join(', ')}]`)
  }

  #identifier(): string {
    const literal = this.#take()
    if (symbols.has(literal)) this.#refuse(`found '${literal}', expected: identifier`)
    return literal
  }

  /** The value after a symbol, which may be left out. */
  #value(): string {
    const next = this.#peek()
    return next === '' || next === ',' ? '' : this.#identifier()
  }

  /** The values in parentheses, each once and sorted; any of them may be empty. */
  #values(): string[] {
    const open = this.#take()
    if (open !== '(') this.#refuse(`found '${open}' expected: '('`)
    const values = new Set<string>()
    let isValueNext = true
    for (;;) {
      const literal = this.#take()
      if (literal === ',' || literal === ')') {
        if (isValueNext) values.add('')
        if (literal === ')') return [...values].sort()
        isValueNext = true
      } else if (!isValueNext) this.#refuse(`found '${literal}', expected: ',' or ')'`)
      else if (symbols.has(literal)) {
        const expected = values.size === 0 ? "',', ')' or identifier" : "',', or identifier"
        this.#refuse(`found '${literal}', expected: ${expected}`)
      } else {
        values.add(literal)
        isValueNext = false
      }
    }
  }
}

/** Parses `a=b,c in (d,e),!f`. An empty text selects everything. Throws SelectorError. */
export function parseLabelSelector(text: string): Requirement[] {
  return new LabelParser(text).parse()
}
