import { parseNano } from '../../api/quantity.ts'
import { CelDouble, toInt } from '../values/numbers.ts'
import type { CelInt } from '../values/numbers.ts'
import { CelError, CelOpaque } from '../values/value.ts'
import type { CelValue } from '../values/value.ts'
import { overload } from './overload.ts'
import type { Overload } from './overload.ts'

const nanosPerUnit = 1_000_000_000n

/** A resource quantity, exact to the nano. */
class CelQuantity extends CelOpaque {
  readonly typeName = 'kubernetes.Quantity'
  readonly nanos: bigint
  constructor(nanos: bigint) {
    super()
    this.nanos = nanos
  }
  isEqualTo(other: CelOpaque): boolean {
    return other instanceof CelQuantity && this.nanos === other.nanos
  }
}

const malformed =
  "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"

/** A quantity, or an error for text that is none. */
export function parseQuantity(text: string): CelValue {
  const nanos = parseNano(text)
  return nanos === undefined ? new CelError(malformed) : new CelQuantity(nanos)
}

function wholeOf({ nanos }: CelQuantity): CelInt | undefined {
  return nanos % nanosPerUnit === 0n ? toInt(nanos / nanosPerUnit) : undefined
}

const order = (a: CelQuantity, b: CelQuantity): number => (a.nanos < b.nanos ? -1 : a.nanos > b.nanos ? 1 : 0)
const sign = ({ nanos }: CelQuantity): number => (nanos < 0n ? -1 : nanos > 0n ? 1 : 0)
const unit = (count: CelInt): bigint => BigInt(count) * nanosPerUnit

/** Quantities (upstream: pkg/cel/library/quantity.go). */
export const quantityOverloads: Overload[] = [
  overload('string_to_quantity', 'quantity(string) -> Quantity', parseQuantity),
  overload(
    'is_quantity_string',
    'isQuantity(string) -> bool',
    (text: string) => parseNano(text) !== undefined,
  ),
  overload('quantity_sign', 'sign(Quantity) -> int', sign),
  overload(
    'quantity_is_greater_than',
    'Quantity.isGreaterThan(Quantity) -> bool',
    (a: CelQuantity, b: CelQuantity) => order(a, b) > 0,
  ),
  overload(
    'quantity_is_less_than',
    'Quantity.isLessThan(Quantity) -> bool',
    (a: CelQuantity, b: CelQuantity) => order(a, b) < 0,
  ),
  overload('quantity_compare_to', 'Quantity.compareTo(Quantity) -> int', order),
  overload(
    'quantity_get_float',
    'Quantity.asApproximateFloat() -> double',
    ({ nanos }: CelQuantity) => new CelDouble(Number(nanos) / 1e9),
  ),
  overload(
    'quantity_get_int',
    'Quantity.asInteger() -> int',
    (value: CelQuantity) => wholeOf(value) ?? new CelError('cannot convert value to integer'),
  ),
  overload(
    'quantity_is_integer',
    'Quantity.isInteger() -> bool',
    (value: CelQuantity) => wholeOf(value) !== undefined,
  ),
  overload(
    'quantity_add',
    'Quantity.add(Quantity) -> Quantity',
    (a: CelQuantity, b: CelQuantity) => new CelQuantity(a.nanos + b.nanos),
  ),
  overload(
    'quantity_add_int',
    'Quantity.add(int) -> Quantity',
    (a: CelQuantity, b: CelInt) => new CelQuantity(a.nanos + unit(b)),
  ),
  overload(
    'quantity_sub',
    'Quantity.sub(Quantity) -> Quantity',
    (a: CelQuantity, b: CelQuantity) => new CelQuantity(a.nanos - b.nanos),
  ),
  overload(
    'quantity_sub_int',
    'Quantity.sub(int) -> Quantity',
    (a: CelQuantity, b: CelInt) => new CelQuantity(a.nanos - unit(b)),
  ),
]
