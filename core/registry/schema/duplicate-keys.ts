/** Deeper than any real object; text nested deeper is left to the JSON parser to refuse. */
const maxDepth = 1_000

interface Level {
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

/** The problems of a text whose object has unknown fields: those and the duplicates of the others as they come. */
export function strictProblemsInOrder(text: string, unknownFields: string[]): string[] {
  const rest = new Set(unknownFields)
  const isInUnknown = (path: string): boolean =>
    unknownFields.some((field) => path.startsWith(field) && /^$|^[.[]/.test(path.slice(field.length)))
  const problems = new Set<string>()
  scanKeys(text, (path, isDuplicate) => {
    const field = path()
    if (rest.delete(field)) problems.add(`unknown field "${field}"`)
    else if (isDuplicate && !isInUnknown(field)) problems.add(`duplicate field "${field}"`)
  })
  for (const field of rest) problems.add(`unknown field "${field}"`)
  return [...problems]
}

/**
 * The paths of keys that occur twice in one object of a JSON text, in upstream's form, e.g. `spec.replicas` or
 * `spec.containers[0].name`. Meant for text that parses; anything else gives an arbitrary answer but always ends. One
 * pass without recursion.
 */
export function findDuplicateKeys(text: string): string[] {
  const duplicates: string[] = []
  scanKeys(text, (path, isDuplicate) => {
    if (isDuplicate) duplicates.push(path())
  })
  return duplicates
}

/** Calls `visit` for every key of a JSON text in its order. */
function scanKeys(text: string, visit: (path: () => string, isDuplicate: boolean) => void): void {
  const levels: Level[] = []
  let expectsKey = false
  for (let i = 0; i < text.length; i++) {
    switch (text.charCodeAt(i)) {
      case 0x7b: // {
        levels.push({ keys: new Set(), key: '', index: 0 })
        expectsKey = true
        break
      case 0x5b: // [
        levels.push({ keys: undefined, key: '', index: 0 })
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
          noteKey(levels, unquote(text, i, end), visit)
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

function noteKey(
  levels: Level[],
  key: string,
  visit: (path: () => string, isDuplicate: boolean) => void,
): void {
  const level = levels.at(-1)
  if (!level?.keys) return
  level.key = key
  const isDuplicate = level.keys.has(key)
  level.keys.add(key)
  visit(() => pathOf(levels), isDuplicate)
}

function pathOf(levels: Level[]): string {
  let path = ''
  for (const { keys, key, index } of levels) {
    if (!keys) path += `[${index}]`
    else path += path === '' ? key : `.${key}`
  }
  return path
}
