import {
  boolType,
  bytesType,
  doubleType,
  durationType,
  dynType,
  intType,
  listOf,
  mapOf,
  nullType,
  opaqueType,
  optionalOf,
  stringType,
  timestampType,
  uintType,
} from '../cel-type.ts'
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

const simpleTypes: Record<string, CelType> = {
  bool: boolType,
  bytes: bytesType,
  double: doubleType,
  duration: durationType,
  dyn: dynType,
  int: intType,
  null: nullType,
  string: stringType,
  timestamp: timestampType,
  uint: uintType,
  URL: opaqueType('kubernetes.URL'),
  IP: opaqueType('net.IP'),
  CIDR: opaqueType('net.CIDR'),
  Quantity: opaqueType('kubernetes.Quantity'),
  Semver: opaqueType('kubernetes.Semver'),
  Format: opaqueType('kubernetes.NamedFormat'),
  Authorizer: opaqueType('kubernetes.authorization.Authorizer'),
  PathCheck: opaqueType('kubernetes.authorization.PathCheck'),
  GroupCheck: opaqueType('kubernetes.authorization.GroupCheck'),
  ResourceCheck: opaqueType('kubernetes.authorization.ResourceCheck'),
  Decision: opaqueType('kubernetes.authorization.Decision'),
}

/** A type as signatures spell it: `list<A>`, `map<string, list<string>>`, `optional<A>`, `Quantity`; one letter is a parameter. */
export function readType(text: string): CelType {
  const [, name, inside] = /^([A-Za-z]+)(?:<(.*)>)?$/.exec(text.trim())!
  const simple = Object.hasOwn(simpleTypes, name!) ? simpleTypes[name!] : undefined
  if (simple) return simple
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
