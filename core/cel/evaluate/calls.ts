import type { ResolvedCall } from '../check/checked.ts'
import type { CelType } from '../cel-type.ts'
import { runtimeCost } from '../cost/runtime-cost.ts'
import type { Overload } from '../library/overload.ts'
import { ArrayList } from '../values/containers.ts'
import { CelDouble, numericOf } from '../values/numbers.ts'
import { CelError, CelOptional, noSuchOverload } from '../values/value.ts'
import type { CelValue } from '../values/value.ts'
import { accepts, isCertain } from './accepts.ts'
import { constantNode } from './frame.ts'
import type { Evaluate, Planned } from './frame.ts'

const conversions = new Set([
  'bool',
  'bytes',
  'double',
  'duration',
  'dyn',
  'int',
  'string',
  'timestamp',
  'type',
  'uint',
])

/** A call of a function; a conversion of a constant is a constant (cel-go: interpreter/decorators.go). */
export function planCall(call: ResolvedCall, operands: Planned[], types: CelType[]): Planned {
  const apply = dispatcher(call.overloads, types)
  const [first] = operands
  if (conversions.has(call.name) && operands.length === 1 && first!.constant !== undefined) {
    const value = apply([first!.constant])
    if (!(value instanceof CelError)) return constantNode(value)
  }
  const only = call.overloads.length === 1 ? call.overloads[0]!.id : undefined
  const cost = runtimeCost(call.name, only)
  return {
    run: strictCall(
      operands.map(({ run }) => run),
      apply,
      cost,
    ),
  }
}

type Apply = (values: CelValue[]) => CelValue

function strictCall(
  operands: Evaluate[],
  apply: Apply,
  cost: ((values: CelValue[], result: CelValue) => number) | undefined,
): Evaluate {
  return (frame) => {
    const values = new Array<CelValue>(operands.length)
    let failed: CelError | undefined
    for (let index = 0; index < operands.length; index++) {
      const value = operands[index]!(frame)
      if (value instanceof CelError) failed ??= value
      values[index] = value
    }
    // What a call is going to cost is known from its operands, but for joined texts: so nothing huge is made first.
    const result = failed ?? apply(values)
    frame.charge(cost ? cost(values, result) : 1)
    return result
  }
}

function dispatcher(overloads: readonly Overload[], types: CelType[]): Apply {
  const [only] = overloads
  if (overloads.length === 1 && types.every(isCertain)) {
    const { call } = only!
    return (values) => call(...values)
  }
  return (values) => {
    for (const { parameters, call } of overloads) {
      if (parameters.every((type, index) => accepts(type, values[index]!))) return call(...values)
    }
    return noSuchOverload
  }
}

/** `a && b && …` and `a || b || …`: an error counts only when no other term decides. */
export function planLogical(operands: Planned[], deciding: boolean): Planned {
  const terms = operands.map(({ run }) => run)
  return {
    run(frame) {
      let failed: CelError | undefined
      for (const term of terms) {
        const value = term(frame)
        if (value === deciding) return deciding
        if (typeof value !== 'boolean') failed ??= value instanceof CelError ? value : noSuchOverload
      }
      return failed ?? !deciding
    },
  }
}

/** `a ? b : c`. */
export function planConditional([condition, truthy, falsy]: [Planned, Planned, Planned]): Planned {
  const test = condition.run
  const [whenTrue, whenFalse] = [truthy.resolve ?? truthy.run, falsy.resolve ?? falsy.run]
  const run: Evaluate = (frame) => {
    const value = test(frame)
    if (value === true) return whenTrue(frame)
    if (value === false) return whenFalse(frame)
    return value instanceof CelError ? value : noSuchOverload
  }
  return { run, resolve: run }
}

/** Whether a comprehension goes on: only `false` ends it, an error does not. */
export function planNotStrictlyFalse(operand: Planned): Planned {
  const { run } = operand
  return {
    run(frame) {
      const value = run(frame)
      frame.charge(1)
      return value !== false
    },
  }
}

/** `a.or(b)` and `a.orValue(b)`: the second is computed only when it is needed. */
export function planOr(name: 'or' | 'orValue', [first, second]: [Planned, Planned]): Planned {
  return {
    run(frame) {
      const value = first.run(frame)
      if (value instanceof CelError) return value
      if (!(value instanceof CelOptional)) return noSuchOverload
      if (value.value === undefined) return second.run(frame)
      return name === 'or' ? value : value.value
    },
  }
}

/** `x in [constants]` by look-up; undefined where the list is not one of constant texts, numbers and booleans. */
export function planMembership(value: Planned, list: Planned): Planned | undefined {
  if (!(list.constant instanceof ArrayList)) return undefined
  const members = new Set<CelValue>()
  for (const item of list.constant.values) {
    const key = membershipKey(item)
    if (key === undefined) return undefined
    members.add(key)
  }
  if (members.size === 0) return constantNode(false)
  const { run } = value
  return {
    run(frame) {
      const wanted = run(frame)
      if (wanted instanceof CelError) return wanted
      const key = membershipKey(wanted)
      return key !== undefined && members.has(key)
    },
  }
}

function membershipKey(value: CelValue): string | number | bigint | boolean | undefined {
  if (typeof value === 'string' || typeof value === 'boolean') return value
  const number = numericOf(value)
  if (number === undefined) return undefined
  if (value instanceof CelDouble) return value.value
  return typeof number === 'bigint' && number <= 9007199254740991n && number >= 0n ? Number(number) : number
}
