/** Deeper than any real object; text nested deeper is left to the JSON parser to refuse. */
const maxDepth = 1_000

/** How many problems are told of one text, the first ones (upstream: sigs.k8s.io/json saveStrictError). */
export const maxStrictProblems = 100

interface Level {
  /** The path of what it holds, as far as its own keys or indices. */
  prefix: string
  /** Keys seen, for an object; undefined for an array. */
  keys: Set<string> | undefined
  key: string
  index: number
}

/** What strict decoding would refuse in a body apart from unknown fields. */
export interface DecodeProblems {
  /** In upstream's words, e.g. `duplicate field "spec.replicas"`. */
  messages: string[]
  /** The JSON text that they are about, when fields occur twice in it. */
  text?: string
}

/** The first problems of a text whose object has unknown fields: those and the duplicates of the others as they come. */
export function strictProblemsInOrder(text: string, unknownFields: string[]): string[] {
  const unknown = new Set(unknownFields)
  const rest = new Set(unknown)
  const problems = new Set<string>()
  /** Deeper keys are those of an unknown field. */
  let unknownDepth = Infinity
  scanKeys(text, (path, { isDuplicate, depth }) => {
    if (depth > unknownDepth) return true
    const field = path()
    unknownDepth = unknown.has(field) ? depth : Infinity
    if (rest.delete(field)) problems.add(`unknown field "${field}"`)
    else if (isDuplicate && unknownDepth === Infinity) problems.add(`duplicate field "${field}"`)
    return problems.size < maxStrictProblems
  })
  for (const field of rest) problems.add(`unknown field "${field}"`)
  return [...problems].slice(0, maxStrictProblems)
}

/**
 * The first paths of keys that occur twice in one object of a JSON text, in upstream's form, e.g. `spec.replicas` or
 * `spec.containers[0].name`. Meant for text that parses; anything else gives an arbitrary answer but always ends. One
 * pass without recursion.
 */
export function findDuplicateKeys(text: string): string[] {
  const duplicates = new Set<string>()
  scanKeys(text, (path, { isDuplicate }) => {
    if (isDuplicate) duplicates.add(path())
    return duplicates.size < maxStrictProblems
  })
  return [...duplicates]
}

/** Is told of a key, and whether it wants to be told of more. */
type Visit = (path: () => string, found: { isDuplicate: boolean; depth: number }) => boolean

/** Calls `visit` for every key of a JSON text in its order. */
function scanKeys(text: string, visit: Visit): void {
  const levels: Level[] = []
  let expectsKey = false
  for (let i = 0; i < text.length; i++) {
    switch (text.charCodeAt(i)) {
      case 0x7b: // {
        levels.push({ prefix: pathOf(levels.at(-1)), keys: new Set(), key: '', index: 0 })
        expectsKey = true
        break
      case 0x5b: // [
        levels.push({ prefix: pathOf(levels.at(-1)), keys: undefined, key: '', index: 0 })
        expectsKey = false
        break
      case 0x7d: // }
      case 0x5d: // ]
        levels.pop()
        expectsKey = false
        break
      case 0x2c: {
        // ,
        const level = levels.at(-1)
        if (level?.keys) expectsKey = true
        else if (level) level.index++
        break
      }
      case 0x22: {
        // "
        const end = endOfString(text, i)
        if (expectsKey) {
          if (!noteKey(levels, unquote(text, i, end), visit)) return
          expectsKey = false
        }
        i = end
        break
      }
    }
    if (levels.length > maxDepth) return
  }
}

function endOfString(text: string, start: number): number {
  for (let i = start + 1; i < text.length; i++) {
    const c = text.charCodeAt(i)
    if (c === 0x5c) i++
    else if (c === 0x22) return i
  }
  return text.length
}

function unquote(text: string, start: number, end: number): string {
  const raw = text.slice(start + 1, end)
  if (!raw.includes('\\')) return raw
  try {
    return JSON.parse(`"${raw}"`) as string
  } catch {
    // Not JSON: the parser will say so; here any stable name does.
    return raw
  }
}

function noteKey(levels: Level[], key: string, visit: Visit): boolean {
  const level = levels.at(-1)
  if (!level?.keys) return true
  level.key = key
  const isDuplicate = level.keys.has(key)
  level.keys.add(key)
  return visit(() => pathOf(level), { isDuplicate, depth: levels.length })
}

/** The path of what a level has come to. */
function pathOf(level: Level | undefined): string {
  if (!level) return ''
  const { prefix, keys, key, index } = level
  if (!keys) return `${prefix}[${index}]`
  return prefix === '' ? key : `${prefix}.${key}`
}
