import {
  boolType,
  bytesType,
  doubleType,
  dynType,
  errorType,
  formatType,
  intType,
  nullType,
  stringType,
  uintType,
} from '../cel-type.ts'
import type { CelType } from '../cel-type.ts'
import type { Expr } from '../parse/ast.ts'
import { CelDouble, CelUint, isInt } from '../values/numbers.ts'
import type { CelValue } from '../values/value.ts'

/** `a.b.c` as a name; undefined for what is more than selections of an identifier. */
export function pathOf(expr: Expr): string | undefined {
  const names: string[] = []
  let at = expr
  while (at.kind === 'select' && !at.isTest) {
    names.push(at.field)
    at = at.operand
  }
  return at.kind === 'ident' ? [at.name, ...names.reverse()].join('.') : undefined
}

/** The type of a constant. */
export function typeOfLiteral(value: CelValue): CelType {
  if (value === null) return nullType
  if (typeof value === 'string') return stringType
  if (typeof value === 'boolean') return boolType
  if (isInt(value)) return intType
  if (value instanceof CelUint) return uintType
  return value instanceof CelDouble ? doubleType : bytesType
}

/** The type of a member of a value, or of anything where it cannot be told; `problem` where there can be no such member. */
export function memberOf(target: CelType, field: string): { type: CelType; problem?: string } {
  switch (target.kind) {
    case 'map':
      return { type: target.value }
    case 'object': {
      const found = target.fields.get(field)
      return found ? { type: found.type } : { type: errorType, problem: `undefined field '${field}'` }
    }
    case 'parameter':
    case 'dyn':
    case 'error':
      return { type: dynType }
    default:
      // Types of libraries are objects without fields; all others have no members at all.
      if (target.kind === 'opaque' && !target.name.startsWith('net.') && target.parameters.length === 0)
        return { type: errorType, problem: `undefined field '${field}'` }
      return { type: dynType, problem: `type '${formatType(target)}' does not support field selection` }
  }
}

/** What the variables of a comprehension are: of one variable the items or keys, of two those and the values. */
export function iterationTypes(range: CelType, isPair: boolean): [CelType, CelType] {
  switch (range.kind) {
    case 'list':
      return isPair ? [intType, range.element] : [range.element, errorType]
    case 'map':
      return [range.key, range.value]
    case 'dyn':
    case 'error':
    case 'parameter':
      return [dynType, dynType]
    default:
      return [errorType, errorType]
  }
}

/** The text of a type that is not the one wanted. */
export function mismatchText(expected: CelType, found: CelType): string {
  return `expected type '${formatType(expected)}' but found '${formatType(found)}'`
}

/** What an operand list of an unmatched call looks like: `string.(int, int)` of a member, else `(int, int)`. */
export function signatureText(types: CelType[], isMember: boolean): string {
  const shown = types.map(formatType)
  return isMember ? `${shown[0]}.(${shown.slice(1).join(', ')})` : `(${shown.join(', ')})`
}
