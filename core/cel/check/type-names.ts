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
  optionalOf,
  stringType,
  timestampType,
  uintType,
} from '../cel-type.ts'
import type { CelType } from '../cel-type.ts'

/** Types that can be named: `type(x) == int`. */
export const typeNames: Record<string, CelType> = {
  bool: boolType,
  bytes: bytesType,
  double: doubleType,
  'google.protobuf.Duration': durationType,
  'google.protobuf.Timestamp': timestampType,
  int: intType,
  list: listOf(dynType),
  map: mapOf(dynType, dynType),
  null_type: nullType,
  optional_type: optionalOf(dynType),
  string: stringType,
  type: { kind: 'type' },
  uint: uintType,
  ...Object.fromEntries(
    [
      'net.IP',
      'net.CIDR',
      'kubernetes.URL',
      'kubernetes.Quantity',
      'kubernetes.Semver',
      'kubernetes.NamedFormat',
    ].map((name) => [name, { kind: 'opaque', name, parameters: [] } as const]),
  ),
}
