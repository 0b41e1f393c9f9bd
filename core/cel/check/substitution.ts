import { dynType, formatType, optionalElement, typeParameters } from '../cel-type.ts'
import type { CelType } from '../cel-type.ts'

/** What type parameters stand for so far, by name (cel-go: checker/mapping.go, types.go). */
export type Mapping = ReadonlyMap<string, CelType>

const isAny = (type: CelType): boolean => type.kind === 'dyn' || type.kind === 'error'
const sameTypes = (a: CelType, b: CelType): boolean => a === b || formatType(a) === formatType(b)

/** A type with its parameters replaced; `toDyn` makes those that stand for nothing yet `dyn`. */
export function substitute(mapping: Mapping, type: CelType, toDyn = false): CelType {
  switch (type.kind) {
    case 'parameter': {
      const known = mapping.get(type.name)
      if (known) return substitute(mapping, known, toDyn)
      return toDyn ? dynType : type
    }
    case 'list': {
      const element = substitute(mapping, type.element, toDyn)
      return element === type.element ? type : { ...type, element }
    }
    case 'map': {
      const key = substitute(mapping, type.key, toDyn)
      const value = substitute(mapping, type.value, toDyn)
      return key === type.key && value === type.value ? type : { ...type, key, value }
    }
    case 'opaque':
      return type.parameters.length === 0
        ? type
        : { ...type, parameters: type.parameters.map((one) => substitute(mapping, one, toDyn)) }
    case 'type':
      return type.of ? { kind: 'type', of: substitute(mapping, type.of, toDyn) } : type
    default:
      return type
  }
}

/** The mapping under which values of `b` may stand where `a` is wanted, or undefined. */
export function assign(mapping: Mapping, a: CelType, b: CelType): Mapping | undefined {
  const draft = new Map(mapping)
  return isAssignable(draft, a, b) ? draft : undefined
}

/** The same of several types at once. */
export function assignAll(
  mapping: Mapping,
  a: readonly CelType[],
  b: readonly CelType[],
): Mapping | undefined {
  if (a.length !== b.length) return undefined
  const draft = new Map(mapping)
  return a.every((type, index) => isAssignable(draft, type, b[index]!)) ? draft : undefined
}

function isAssignable(draft: Map<string, CelType>, a: CelType, b: CelType): boolean {
  if (b.kind === 'parameter') {
    const { isValid, isKnown } = trySubstitution(draft, a, b)
    if (isValid) return true
    if (isKnown) return false
  }
  if (a.kind === 'parameter') return trySubstitution(draft, b, a).isValid
  if (isAny(a) || isAny(b)) return true
  if (a.kind === 'null') return isNullable(b)
  if (b.kind === 'null') return isNullable(a)
  if (a.kind !== b.kind) return false
  if (a.kind === 'object') return b.kind === 'object' && a.name === b.name
  if (a.kind === 'opaque' && b.kind === 'opaque' && a.name !== b.name) return false
  if (a.kind === 'type') return true
  const [left, right] = [typeParameters(a), typeParameters(b)]
  return left.length === right.length && left.every((type, index) => isAssignable(draft, type, right[index]!))
}

function isNullable(type: CelType): boolean {
  return ['opaque', 'object', 'duration', 'timestamp', 'null'].includes(type.kind)
}

function trySubstitution(
  draft: Map<string, CelType>,
  type: CelType,
  parameter: CelType & { kind: 'parameter' },
): { isValid: boolean; isKnown: boolean } {
  if (type.kind === 'parameter' && type.name === parameter.name) return { isValid: true, isKnown: true }
  const known = draft.get(parameter.name)
  if (!known) {
    if (occursIn(draft, parameter.name, type)) return { isValid: false, isKnown: false }
    draft.set(parameter.name, type)
    return { isValid: true, isKnown: false }
  }
  if (sameTypes(type, known)) return { isValid: true, isKnown: true }
  if (!isAssignable(draft, type, known)) return { isValid: false, isKnown: true }
  const general = mostGeneral(type, known)
  if (!occursIn(draft, parameter.name, general)) draft.set(parameter.name, general)
  return { isValid: true, isKnown: true }
}

function occursIn(draft: Mapping, name: string, type: CelType): boolean {
  if (type.kind === 'parameter') {
    if (type.name === name) return true
    const known = draft.get(type.name)
    return known !== undefined && occursIn(draft, name, known)
  }
  return typeParameters(type).some((one) => occursIn(draft, name, one))
}

/** The one of two types that says less. */
export function mostGeneral(a: CelType, b: CelType): CelType {
  return isLessSpecific(a, b) ? a : b
}

function isLessSpecific(a: CelType, b: CelType): boolean {
  if (a.kind === 'dyn' || a.kind === 'parameter') return true
  if (b.kind === 'dyn' || b.kind === 'parameter') return false
  if (a.kind !== b.kind) return false
  if (a.kind === 'type') return true
  if (a.kind === 'opaque' && b.kind === 'opaque' && a.name !== b.name) return false
  const [left, right] = [typeParameters(a), typeParameters(b)]
  if (left.length === 0) return sameTypes(a, b)
  return left.length === right.length && left.every((type, index) => isLessSpecific(type, right[index]!))
}

/** The type inside an optional, and whether it was one. */
export function unwrapOptional(type: CelType): { inner: CelType; isOptional: boolean } {
  const inner = optionalElement(type)
  return inner ? { inner, isOptional: true } : { inner: type, isOptional: false }
}
