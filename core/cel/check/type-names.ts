import { dynType, libraryTypes, listOf, mapOf, optionalOf, simpleTypes, typeName } from '../cel-type.ts'
import type { CelType } from '../cel-type.ts'

const { IP, CIDR, URL, Quantity, Semver, Format } = libraryTypes
const nameable: CelType[] = [
  ...simpleTypes.filter((type) => type !== dynType),
  listOf(dynType),
  mapOf(dynType, dynType),
  optionalOf(dynType),
  { kind: 'type' },
  ...[IP, CIDR, URL, Quantity, Semver, Format],
]

/** Types that can be named: `type(x) == int`. */
export const typeNames: Record<string, CelType> = Object.fromEntries(
  nameable.map((type) => [typeName(type), type]),
)
