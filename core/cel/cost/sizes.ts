import { typeParameters } from '../cel-type.ts'
import type { CelType } from '../cel-type.ts'
import type { Expr } from '../parse/ast.ts'
import { codePoints } from '../values/size.ts'
import { fixed, union } from './range.ts'
import type { Range } from './range.ts'

/** How large the items (or keys) and values of a container may be. */
export interface EntrySize {
  kind: 'list' | 'map'
  key: Range
  value: Range
}

/** The type of a part of a value: a field, or `@items`, `@values` or `@keys` of a container. */
export function memberType(type: CelType, name: string): CelType | undefined {
  if (name === '@items')
    return type.kind === 'list' ? type.element : type.kind === 'map' ? type.value : undefined
  if (name === '@values')
    return type.kind === 'map' ? type.value : type.kind === 'list' ? type.element : undefined
  if (name === '@keys') return type.kind === 'map' ? type.key : undefined
  return type.kind === 'object' ? type.fields.get(name)?.type : undefined
}

/** The entries of a value that may be either of two. */
export function joinEntries(a: EntrySize, b: EntrySize): EntrySize {
  return { kind: a.kind, key: union(a.key, b.key), value: union(a.value, b.value) }
}

/** The size of what is written out in the expression itself. */
export function writtenSize(expr: Expr): Range | undefined {
  if (expr.kind === 'list') return fixed(expr.elements.length)
  if (expr.kind === 'map') return fixed(expr.entries.length)
  if (expr.kind !== 'literal') return undefined
  if (typeof expr.value === 'string') return fixed(codePoints(expr.value))
  return fixed(expr.value instanceof Uint8Array ? expr.value.length : 1)
}

/** The size of values that have no parts: 1. */
export function scalarSize(type: CelType): Range | undefined {
  if (['bool', 'double', 'duration', 'int', 'timestamp', 'uint'].includes(type.kind)) return fixed(1)
  if (type.kind !== 'opaque' || type.name !== 'optional_type') return undefined
  return scalarSize(typeParameters(type)[0]!)
}
