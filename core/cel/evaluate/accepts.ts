import type { CelType } from '../cel-type.ts'
import { typeNameOf } from '../library/conversions.ts'
import { CelDouble, CelUint, isInt } from '../values/numbers.ts'
import { CelDuration, CelTimestamp } from '../values/time.ts'
import { CelList, CelMap, CelOptional, TypeValue } from '../values/value.ts'
import type { CelValue } from '../values/value.ts'

/** Whether a value is of a parameter's type; of a list, its first item decides. */
export function accepts(type: CelType, value: CelValue): boolean {
  switch (type.kind) {
    case 'dyn':
    case 'parameter':
      return true
    case 'string':
      return typeof value === 'string'
    case 'bool':
      return typeof value === 'boolean'
    case 'int':
      return isInt(value)
    case 'null':
      return value === null
    case 'uint':
      return value instanceof CelUint
    case 'double':
      return value instanceof CelDouble
    case 'bytes':
      return value instanceof Uint8Array
    case 'timestamp':
      return value instanceof CelTimestamp
    case 'duration':
      return value instanceof CelDuration
    case 'list':
      return value instanceof CelList && (value.length === 0 || accepts(type.element, value.at(0)))
    case 'map':
      return value instanceof CelMap
    case 'type':
      return value instanceof TypeValue
    case 'opaque':
      return type.name === 'optional_type' ? value instanceof CelOptional : typeNameOf(value) === type.name
    case 'object':
      return value instanceof CelMap
    case 'error':
      return false
  }
}

/** Whether a checked value can be of no other type when it is evaluated. */
export function isCertain(type: CelType): boolean {
  if (type.kind === 'list') return isCertain(type.element)
  return type.kind !== 'dyn' && type.kind !== 'error' && type.kind !== 'parameter'
}
