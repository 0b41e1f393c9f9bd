/**
 * What Go's encoding/json says of a text that is no JSON, such as `invalid character '}' after array element` (its
 * scanner.go); undefined where the text is JSON. Of what is nested deeper than 1,000 levels, where bodies of requests end too, it says
 * what Go says from 10,000 on.
 */
export function goJsonError(text: Uint8Array): string | undefined {
  const scanner = new Scanner(text)
  try {
    scanner.document()
    return undefined
  } catch (error) {
    if (error instanceof Malformed) return error.message
    throw error
  }
}

const maxDepth = 1_000

class Malformed extends Error {}

const byte = (character: string): number => character.charCodeAt(0)
const spaces = new Set([...' \t\r\n'].map(byte))
const escaped = new Set([...'bfnrt\\/"'].map(byte))
const quote = byte('"')
const [zero, nine] = [byte('0'), byte('9')]
const refusesSpace = /^in (literal|\\u|string escape)|numeric literal$/
const literals = new Map(['true', 'false', 'null'].map((word) => [byte(word), word]))

class Scanner {
  readonly #text: Uint8Array
  #at = 0
  #depth = 0

  constructor(text: Uint8Array) {
    this.#text = text
  }

  document(): void {
    this.#value()
    this.#skipSpace()
    if (this.#at < this.#text.length) this.#refuse('after top-level value')
  }

  /** Refuses the byte that is next, or the end. */
  #refuse(context: string): never {
    const next = this.#text[this.#at]
    // Where text ends Go reads on as if there were a space, which some places take.
    if (next === undefined && !refusesSpace.test(context)) throw new Malformed('unexpected end of JSON input')
    throw new Malformed(`invalid character ${quoted(next ?? byte(' '))} ${context}`)
  }

  #skipSpace(): void {
    while (spaces.has(this.#text[this.#at]!)) this.#at++
  }

  /** Whether the next byte is this one, which is then behind us. */
  #takes(character: number): boolean {
    if (this.#text[this.#at] !== character) return false
    this.#at++
    return true
  }

  #value(): void {
    this.#skipSpace()
    const next = this.#text[this.#at]
    if (next === byte('{')) return this.#nested(() => this.#object())
    if (next === byte('[')) return this.#nested(() => this.#array())
    if (next === quote) return this.#string()
    if (next === byte('-') || this.#isDigit()) return this.#number()
    const word = next === undefined ? undefined : literals.get(next)
    if (word === undefined) this.#refuse('looking for beginning of value')
    for (const letter of word) {
      if (!this.#takes(byte(letter))) this.#refuse(`in literal ${word} (expecting '${letter}')`)
    }
  }

  #nested(read: () => void): void {
    if (++this.#depth > maxDepth) throw new Malformed('exceeded max depth')
    read()
    this.#depth--
  }

  #object(): void {
    this.#at++
    this.#skipSpace()
    if (this.#takes(byte('}'))) return
    for (;;) {
      this.#skipSpace()
      if (this.#text[this.#at] !== quote) this.#refuse('looking for beginning of object key string')
      this.#string()
      this.#skipSpace()
      if (!this.#takes(byte(':'))) this.#refuse('after object key')
      this.#value()
      this.#skipSpace()
      if (this.#takes(byte('}'))) return
      if (!this.#takes(byte(','))) this.#refuse('after object key:value pair')
    }
  }

  #array(): void {
    this.#at++
    this.#skipSpace()
    if (this.#takes(byte(']'))) return
    for (;;) {
      this.#value()
      this.#skipSpace()
      if (this.#takes(byte(']'))) return
      if (!this.#takes(byte(','))) this.#refuse('after array element')
    }
  }

  #string(): void {
    this.#at++
    while (!this.#takes(quote)) {
      const next = this.#text[this.#at]
      if (next === undefined || next < 0x20) this.#refuse('in string literal')
      this.#at++
      if (next === byte('\\')) this.#escape()
    }
  }

  #escape(): void {
    if (this.#takes(byte('u'))) {
      for (let digits = 0; digits < 4; digits++) {
        const next = this.#text[this.#at]
        if (next === undefined || !/[0-9a-fA-F]/.test(String.fromCharCode(next))) {
          this.#refuse('in \\u hexadecimal character escape')
        }
        this.#at++
      }
    } else if (escaped.has(this.#text[this.#at]!)) this.#at++
    else this.#refuse('in string escape code')
  }

  #isDigit(): boolean {
    const next = this.#text[this.#at]
    return next !== undefined && next >= zero && next <= nine
  }

  #digits(context: string): void {
    if (!this.#isDigit()) this.#refuse(context)
    while (this.#isDigit()) this.#at++
  }

  #number(): void {
    this.#takes(byte('-'))
    if (!this.#takes(zero)) this.#digits('in numeric literal')
    if (this.#takes(byte('.'))) this.#digits('after decimal point in numeric literal')
    if (!this.#takes(byte('e')) && !this.#takes(byte('E'))) return
    if (!this.#takes(byte('+'))) this.#takes(byte('-'))
    this.#digits('in exponent of numeric literal')
  }
}

const named: Record<number, string> = {
  0x07: '\\a',
  0x08: '\\b',
  0x09: '\\t',
  0x0a: '\\n',
  0x0b: '\\v',
  0x0c: '\\f',
  0x0d: '\\r',
  0x27: "\\'",
  0x5c: '\\\\',
}

/** A byte as Go quotes the character of that number. */
function quoted(value: number): string {
  const isShown = (value >= 0x20 && value < 0x7f) || (value > 0xa0 && value !== 0xad)
  const hex = value.toString(16).padStart(2, '0')
  const text =
    named[value] ?? (isShown ? String.fromCharCode(value) : value < 0x80 ? `\\x${hex}` : `\\u00${hex}`)
  return `'${text}'`
}
