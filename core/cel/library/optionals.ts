import { ArrayList } from '../values/containers.ts'
import { CelDouble, CelUint } from '../values/numbers.ts'
import { sizeOf } from '../values/size.ts'
import { CelDuration } from '../values/time.ts'
import { CelError, CelOptional, none } from '../values/value.ts'
import type { CelList, CelValue } from '../values/value.ts'
import { overload } from './overload.ts'
import type { Overload } from './overload.ts'

function isZero(value: CelValue): boolean {
  if (value === null || value === false || value === 0 || value === '') return true
  if (value instanceof CelDouble) return value.value === 0
  if (value instanceof CelUint) return value.value === 0n
  if (value instanceof CelDuration) return value.nanos === 0n
  return sizeOf(value) === 0
}

const unwrap = (list: CelList): CelValue =>
  new ArrayList(
    [...list].flatMap((item) =>
      item instanceof CelOptional && item.value !== undefined ? [item.value] : [],
    ),
  )

/** Values that may be missing (cel-go: cel/library.go OptionalTypes); `or` and `orValue` are the evaluator's own. */
export const optionalOverloads: Overload[] = [
  overload('optional_of', 'optional::of(V) -> optional<V>', (value: CelValue) => new CelOptional(value)),
  overload('optional_ofNonZeroValue', 'optional::ofNonZeroValue(V) -> optional<V>', (value: CelValue) =>
    isZero(value) ? none : new CelOptional(value),
  ),
  overload('optional_none', 'optional::none() -> optional<V>', () => none),
  overload('optional_value', 'optional<V>.value() -> V', (optional: CelOptional) =>
    optional.value === undefined ? new CelError('optional.none() dereference') : optional.value,
  ),
  overload(
    'optional_hasValue',
    'optional<V>.hasValue() -> bool',
    (optional: CelOptional) => optional.value !== undefined,
  ),
  overload(
    'optional_or_optional',
    'optional<V>.or(optional<V>) -> optional<V>',
    (a: CelOptional, b: CelOptional) => (a.value === undefined ? b : a),
  ),
  overload(
    'optional_orValue_value',
    'optional<V>.orValue(V) -> V',
    (a: CelOptional, b: CelValue) => a.value ?? b,
  ),
  overload('optional_unwrap', 'optional::unwrap(list<optional<V>>) -> list<V>', unwrap),
  overload('optional_unwrapOpt', 'list<optional<V>>.unwrapOpt() -> list<V>', unwrap),
]
