/**
 * JSON with the integers of Kubernetes, which have 64 bits: those that a number does not hold exactly are BigInts. Each integer that is
 * written without a point or an exponent has one form, as in CEL. Whatever else is large is a float, as in Go (upstream: utiljson).
 */

/** What JavaScript has beyond what TypeScript knows of it (JSON.parse with source text). */
interface SourceTextJson {
  parse(text: string, revive: (key: string, value: unknown, context: { source?: string }) => unknown): unknown
  rawJSON(text: string): object
}

const sourceTextJson = JSON as unknown as SourceTextJson

// So that every JSON.stringify of data that may hold them writes them, as the digits that they are.
Object.defineProperty(BigInt.prototype, 'toJSON', {
  configurable: true,
  writable: true,
  value(this: bigint): object {
    return sourceTextJson.rawJSON(this.toString())
  },
})

const maxInt64 = 2n ** 63n - 1n
const minInt64 = -(2n ** 63n)

/** How many digits an integer has at least that a number may not hold. */
const longDigits = 16

/** Parses JSON as JSON.parse does, but for integers of 64 bits beyond 2^53, which become BigInts. Throws SyntaxErrors. */
export function parseExactJson(text: string): unknown {
  return hasLongDigits(text) ? sourceTextJson.parse(text, revive) : JSON.parse(text)
}

function revive(_key: string, value: unknown, { source }: { source?: string }): unknown {
  if (typeof value !== 'number' || Number.isSafeInteger(value) || !Number.isInteger(value)) return value
  return source !== undefined && /^-?\d+$/.test(source) ? exactInteger(BigInt(source)) : value
}

/** A number in the form of data: a BigInt only where it is of 64 bits and a number would not be exact. */
export function exactInteger(value: bigint): number | bigint {
  const number = Number(value)
  return Number.isSafeInteger(number) || value > maxInt64 || value < minInt64 ? number : value
}

/** Whether a text has a long run of digits: one look at each sixteenth character tells where none can be. */
function hasLongDigits(text: string): boolean {
  for (let at = longDigits - 1; at < text.length; at += longDigits) {
    if (!isDigit(text, at)) continue
    let start = at
    while (isDigit(text, start - 1)) start--
    let end = at + 1
    while (end - start < longDigits && isDigit(text, end)) end++
    if (end - start >= longDigits) return true
  }
  return false
}

/** False outside the text, where the code is NaN. */
function isDigit(text: string, at: number): boolean {
  const code = text.charCodeAt(at)
  return code >= 0x30 && code <= 0x39
}
