import { itemAt } from '../library/operators.ts'
import { CelList, CelMap, CelError, CelOptional, noSuchKey, none } from '../values/value.ts'
import type { CelValue } from '../values/value.ts'
import type { Evaluate, Frame, Planned } from './frame.ts'
import { attribute, resolving } from './frame.ts'

/** `a.b`: of an optional, an optional. */
export function planSelect(operand: Planned, field: string): Planned {
  const base = resolving(operand)
  return attribute((frame) => {
    const value = base(frame)
    if (value instanceof CelMap) {
      frame.charge(1)
      return value.get(field) ?? noSuchKey(field)
    }
    if (value instanceof CelError) return value
    if (value instanceof CelOptional) return selectIfPresent(frame, value, field)
    frame.charge(1)
    return new CelError(`no such key: ${field}`)
  })
}

/** `has(a.b)`. */
export function planPresence(operand: Planned, field: string): Planned {
  const base = resolving(operand)
  const run: Evaluate = (frame) => {
    const value = base(frame)
    if (value instanceof CelError) return value
    const target = value instanceof CelOptional ? value.value : value
    frame.charge(1)
    return target instanceof CelMap && target.has(field)
  }
  return { run, resolve: run }
}

/** `a[b]`. */
export function planIndex(operand: Planned, index: Planned): Planned {
  const base = resolving(operand)
  const at = resolving(index)
  return attribute((frame) => {
    const value = base(frame)
    if (value instanceof CelError) return value
    const key = at(frame)
    if (key instanceof CelError) return key
    if (value instanceof CelOptional) return selectIfPresent(frame, value, key)
    frame.charge(1)
    return itemAt(value, key)
  })
}

/** `a.?b` and `a[?b]`. */
export function planOptionalAccess(operand: Planned, index: Planned): Planned {
  const base = resolving(operand)
  const at = resolving(index)
  return attribute((frame) => {
    const value = base(frame)
    if (value instanceof CelError) return value
    const key = at(frame)
    if (key instanceof CelError) return key
    return selectIfPresent(frame, value instanceof CelOptional ? value : new CelOptional(value), key)
  })
}

function selectIfPresent(frame: Frame, { value }: CelOptional, key: CelValue): CelValue {
  if (value === undefined) return none
  const found = presentAt(value, key)
  if (found instanceof CelError) return found
  if (found === undefined) return none
  frame.charge(1)
  return found instanceof CelOptional ? found : new CelOptional(found)
}

function presentAt(container: CelValue, key: CelValue): CelValue | undefined {
  if (container instanceof CelMap) return container.get(key)
  if (!(container instanceof CelList)) return undefined
  const found = itemAt(container, key)
  return found instanceof CelError && found.message.startsWith('index out of bounds') ? undefined : found
}
