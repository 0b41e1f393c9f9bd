import { dynType, formatType } from '../cel-type.ts'
import type { CelType } from '../cel-type.ts'
import type { Overload } from '../library/overload.ts'
import { assignAll, substitute } from './substitution.ts'
import type { Mapping } from './substitution.ts'

interface Resolving {
  mapping: Mapping
  /** The types of the operands. */
  types: CelType[]
  /** A type parameter that nothing else uses. */
  fresh: () => CelType
}

/** The overloads that take operands of some types, what type parameters then are, and what the call yields. */
export interface Resolved {
  overloads: Overload[]
  mapping: Mapping
  /** Undefined when no overload fits. */
  result: CelType | undefined
}

/** Finds every overload that fits; where they yield different types, the call yields any (cel-go: resolveOverload). */
export function resolveOverloads(
  candidates: readonly Overload[],
  { mapping: start, types, fresh }: Resolving,
): Resolved {
  const overloads: Overload[] = []
  let mapping = start
  let result: CelType | undefined
  for (const one of candidates) {
    const own = new Map(one.generics.map((name) => [name, fresh()]))
    const parameters = own.size === 0 ? one.parameters : one.parameters.map((type) => substitute(own, type))
    const next = assignAll(mapping, types, parameters)
    if (!next) continue
    mapping = next
    overloads.push(one)
    const type = substitute(mapping, substitute(own, one.result))
    if (!result) result = type
    else if (result.kind !== 'dyn' && formatType(type) !== formatType(result)) result = dynType
  }
  return { overloads, mapping, result }
}
