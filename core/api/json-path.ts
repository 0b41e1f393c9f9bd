import { isNumber } from './go-text.ts'

/** A path that does not parse; the message says why. */
export class JsonPathError extends Error {}

/** One step of a path: from values to the values it leads to. */
type Step = (value: unknown) => unknown[]

/** A compiled path: every value it leads to, in order; none for what is missing. */
export type JsonPath = (root: unknown) => unknown[]

/**
 * Compiles the JSONPath of printer columns and selectable fields (upstream: client-go util/jsonpath): `.a.b`,
 * `.a\.b`, `['a']`, `[0]`, `[-1]`, `[1:3]`, `[0,2]`, `[*]`, `.*`, `..a` and filters such as `[?(@.type=="Ready")]`. A
 * leading `$` or braces around it are fine. Throws JsonPathError.
 */
export function compileJsonPath(text: string): JsonPath {
  const bare = text.startsWith('{') && text.endsWith('}') ? text.slice(1, -1) : text
  const reader = new PathReader(bare.replace(/^[$@]/, ''))
  const steps = reader.steps()
  return (root) => steps.reduce<unknown[]>((values, step) => values.flatMap(step), [root])
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

const children: Step = (value) => {
  if (Array.isArray(value)) return value as unknown[]
  return isMap(value) ? Object.values(value) : []
}

function member(name: string): Step {
  return (value) => (isMap(value) && Object.hasOwn(value, name) ? [value[name]] : [])
}

/** The value itself and everything below it. */
const descendants: Step = (value) => [value, ...children(value).flatMap(descendants)]

function slice(text: string): Step {
  const [from, to, stride] = text.split(':').map((part) => (part === '' ? undefined : Number(part)))
  return (value) => {
    if (!Array.isArray(value)) return []
    return (value as unknown[]).slice(from, to).filter((_, index) => index % (stride || 1) === 0)
  }
}

function index(position: number): Step {
  return (value) => {
    const found: unknown = Array.isArray(value) ? value.at(position) : undefined
    return found === undefined ? [] : [found]
  }
}

type Operand = (item: unknown) => unknown[]
const comparisons: Record<string, (a: unknown, b: unknown) => boolean> = {
  '==': (a, b) => a === b,
  '!=': (a, b) => a !== b,
  '<=': (a, b) => order(a, b) <= 0,
  '>=': (a, b) => order(a, b) >= 0,
  '<': (a, b) => order(a, b) < 0,
  '>': (a, b) => order(a, b) > 0,
}

/** Negative, zero or positive; NaN for values that have no order. */
function order(a: unknown, b: unknown): number {
  if (isNumber(a) && isNumber(b)) return a < b ? -1 : a > b ? 1 : 0
  if (typeof a === 'string' && typeof b === 'string') return a < b ? -1 : a > b ? 1 : 0
  return NaN
}

class PathReader {
  readonly #text: string
  #at = 0

  constructor(text: string) {
    this.#text = text
  }

  steps(): Step[] {
    const steps: Step[] = []
    while (this.#at < this.#text.length) steps.push(...this.#step())
    return steps
  }

  #step(): Step[] {
    const next = this.#text[this.#at]
    if (next === '[') return [this.#bracket()]
    if (next !== '.') throw new JsonPathError(`unexpected ${JSON.stringify(next)} in ${this.#text}`)
    this.#at++
    if (this.#text[this.#at] === '.') {
      this.#at++
      return this.#text[this.#at] === '[' ? [descendants] : [descendants, this.#name()]
    }
    // A lone dot is the value itself; `.[0]` is `[0]`.
    if (this.#at === this.#text.length || this.#text[this.#at] === '[') return []
    return [this.#name()]
  }

  #name(): Step {
    let name = ''
    for (; this.#at < this.#text.length; this.#at++) {
      const character = this.#text[this.#at]!
      if (character === '.' || character === '[') break
      if (character === '\\') this.#at++
      name += this.#text[this.#at] ?? ''
    }
    if (name === '') throw new JsonPathError(`a name is missing in ${this.#text}`)
    return name === '*' ? children : member(name)
  }

  #bracket(): Step {
    const end = this.#closing()
    const inner = this.#text.slice(this.#at + 1, end).trim()
    this.#at = end + 1
    if (inner === '*') return children
    if (inner.startsWith('?(') && inner.endsWith(')')) return filterStep(inner.slice(2, -1))
    const parts = splitOutsideQuotes(inner, ',').map((part) => part.trim())
    const steps = parts.map((part): Step => {
      const quoted = unquote(part)
      if (quoted !== undefined) return member(quoted)
      if (/^-?\d+$/.test(part)) return index(Number(part))
      if (/^-?\d*:-?\d*(?::\d*)?$/.test(part)) return slice(part)
      throw new JsonPathError(`invalid array index ${part}`)
    })
    return (value) => steps.flatMap((step) => step(value))
  }

  /** The position of the bracket that closes the one here. */
  #closing(): number {
    let depth = 0
    let quote: string | undefined
    for (let position = this.#at; position < this.#text.length; position++) {
      const character = this.#text[position]!
      if (quote !== undefined) {
        if (character === quote) quote = undefined
      } else if (character === '"' || character === "'") quote = character
      else if (character === '[') depth++
      else if (character === ']' && --depth === 0) return position
    }
    throw new JsonPathError('unterminated array')
  }
}

function filterStep(expression: string): Step {
  const match = /^(.*?)(==|!=|<=|>=|<|>)(.*)$/.exec(expression)
  const left = operand((match?.[1] ?? expression).trim())
  if (!match) return (value) => children(value).filter((item) => left(item).length > 0)
  const compare = comparisons[match[2]!]!
  const right = operand(match[3]!.trim())
  return (value) =>
    children(value).filter((item) => {
      const [a, b] = [left(item), right(item)]
      return a.length > 0 && b.length > 0 && compare(a[0], b[0])
    })
}

function operand(text: string): Operand {
  const quoted = unquote(text)
  if (quoted !== undefined) return () => [quoted]
  if (text === 'true' || text === 'false') return () => [text === 'true']
  if (/^-?\d+(?:\.\d+)?$/.test(text)) return () => [Number(text)]
  if (text.startsWith('@') || text.startsWith('.')) return compileJsonPath(text)
  throw new JsonPathError(`cannot read ${text} in a filter`)
}

function unquote(text: string): string | undefined {
  const quote = text[0]
  if (text.length < 2 || (quote !== '"' && quote !== "'") || text.at(-1) !== quote) return undefined
  return text.slice(1, -1).replace(/\\(.)/g, '$1')
}

function splitOutsideQuotes(text: string, separator: string): string[] {
  const parts = ['']
  let quote: string | undefined
  for (const character of text) {
    if (quote === undefined && character === separator) {
      parts.push('')
      continue
    }
    if (quote === undefined && (character === '"' || character === "'")) quote = character
    else if (character === quote) quote = undefined
    parts[parts.length - 1] += character
  }
  return parts
}
