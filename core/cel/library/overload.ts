import { libraryTypes, listOf, mapOf, optionalOf, simpleTypes } from '../cel-type.ts'
import type { CelType } from '../cel-type.ts'
import type { CelValue } from '../values/value.ts'

/** One signature of a function. */
export interface Overload {
  /** cel-go's name for it: what costs go by. */
  readonly id: string
  readonly name: string
  readonly isMember: boolean
  /** The target, where there is one, and the arguments. */
  readonly parameters: readonly CelType[]
  readonly result: CelType
  /** The type parameters that the signature uses. */
  readonly generics: readonly string[]
  /** Takes values of the parameters' types, none of them an error; yields a CelError for what cannot be done. */
  readonly call: (...values: CelValue[]) => CelValue
}

const namedTypes: Record<string, CelType> = {
  ...Object.fromEntries(simpleTypes.map((type) => [type.kind, type])),
  ...libraryTypes,
}

/** A type as signatures spell it: `list<A>`, `map<string, list<string>>`, `optional<A>`, `Quantity`; one letter is a parameter. */
export function readType(text: string): CelType {
  const [, name, inside] = /^([A-Za-z]+)(?:<(.*)>)?$/.exec(text.trim())!
  const named = Object.hasOwn(namedTypes, name!) ? namedTypes[name!] : undefined
  if (named) return named
  if (/^[A-Z]$/.test(name!)) return { kind: 'parameter', name: name! }
  const inner = inside === undefined ? [] : splitTypes(inside).map(readType)
  switch (name) {
    case 'list':
      return listOf(inner[0]!)
    case 'map':
      return mapOf(inner[0]!, inner[1]!)
    case 'optional':
      return optionalOf(inner[0]!)
    case 'type':
      return inner[0] ? { kind: 'type', of: inner[0] } : { kind: 'type' }
    default:
      throw new Error(`no type named ${text}`)
  }
}

function splitTypes(text: string): string[] {
  const parts: string[] = []
  let depth = 0
  let start = 0
  for (const [index, char] of [...text].entries()) {
    if (char === '<') depth++
    if (char === '>') depth--
    if (char === ',' && depth === 0) {
      parts.push(text.slice(start, index))
      start = index + 1
    }
  }
  return text.trim() === '' ? [] : [...parts, text.slice(start)]
}

/** An overload from its id and signature: `size(list<A>) -> int`, or `string.charAt(int) -> string` for a member. */
export function overload(id: string, signature: string, call: (...values: never[]) => CelValue): Overload {
  const [, target, name, args, result] = /^(?:([\w<>, ]+)~)?([^(]+)\((.*)\) -> (.+)$/.exec(
    signature.replace(/^((?:\w+<.*>|\w+))\.(?=@?\w+\()/, '$1~'),
  )!
  const types = splitTypes(args!).map(readType)
  return {
    id,
    name: name!.replaceAll('::', '.'),
    isMember: target !== undefined,
    parameters: target === undefined ? types : [readType(target), ...types],
    result: readType(result!),
    generics: [...new Set(signature.match(/\b[A-Z]\b/g) ?? [])],
    call: call as unknown as Overload['call'],
  }
}
