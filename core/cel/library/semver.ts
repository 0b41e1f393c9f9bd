import { CelError, CelOpaque } from '../values/value.ts'
import type { CelValue } from '../values/value.ts'
import { overload } from './overload.ts'
import type { Overload } from './overload.ts'

/** A semantic version; build metadata does not count. */
class CelSemver extends CelOpaque {
  readonly typeName = 'kubernetes.Semver'
  readonly numbers: readonly [number, number, number]
  readonly prerelease: readonly string[]
  constructor(numbers: readonly [number, number, number], prerelease: readonly string[]) {
    super()
    this.numbers = numbers
    this.prerelease = prerelease
  }
  isEqualTo(other: CelOpaque): boolean {
    return other instanceof CelSemver && order(this, other) === 0
  }
}

const identifier = '(?:0|[1-9]\\d*|\\d*[a-zA-Z-][0-9a-zA-Z-]*)'
const form = new RegExp(
  `^(0|[1-9]\\d*)\\.(0|[1-9]\\d*)\\.(0|[1-9]\\d*)(?:-(${identifier}(?:\\.${identifier})*))?(?:\\+[0-9a-zA-Z-]+(?:\\.[0-9a-zA-Z-]+)*)?$`,
)

/** Takes a leading `v` off, adds what numbers are missing and drops leading zeros. */
function normalize(text: string): string {
  const bare = text.replace(/^v/, '')
  const end = /[-+]/.exec(bare)?.index ?? bare.length
  const parts = bare.slice(0, end).split('.')
  if (parts.length > 3) return text
  const numbers = parts.map((part) => part.replace(/^0+(?=\d)/, ''))
  while (numbers.length < 3) numbers.push('0')
  return numbers.join('.') + bare.slice(end)
}

/** A semantic version, or an error for text that is none. */
export function parseSemver(text: string, isLoose = false): CelSemver | CelError {
  const match = form.exec(isLoose ? normalize(text) : text)
  if (!match) return new CelError(`semver: ${JSON.stringify(text)} is no valid version`)
  const numbers = [Number(match[1]), Number(match[2]), Number(match[3])] as const
  return new CelSemver(numbers, match[4]?.split('.') ?? [])
}

function order(a: CelSemver, b: CelSemver): number {
  for (let index = 0; index < 3; index++) {
    const difference = a.numbers[index]! - b.numbers[index]!
    if (difference !== 0) return Math.sign(difference)
  }
  if (a.prerelease.length === 0 || b.prerelease.length === 0)
    return Math.sign(b.prerelease.length - a.prerelease.length)
  for (const [index, left] of a.prerelease.entries()) {
    const right = b.prerelease[index]
    if (right === undefined) return 1
    if (left === right) continue
    const [isLeftNumber, isRightNumber] = [/^\d+$/.test(left), /^\d+$/.test(right)]
    if (isLeftNumber && isRightNumber) return Math.sign(Number(left) - Number(right))
    if (isLeftNumber !== isRightNumber) return isLeftNumber ? -1 : 1
    return left < right ? -1 : 1
  }
  return a.prerelease.length < b.prerelease.length ? -1 : 0
}

const isVersion = (text: string, isLoose?: boolean): CelValue =>
  parseSemver(text, isLoose) instanceof CelSemver

/** Semantic versions (upstream: pkg/cel/library/semverlib.go, version 1). */
export const semverOverloads: Overload[] = [
  overload('string_to_semver', 'semver(string) -> Semver', parseSemver),
  overload('string_bool_to_semver', 'semver(string, bool) -> Semver', parseSemver),
  overload('is_semver_string', 'isSemver(string) -> bool', isVersion),
  overload('is_semver_string_bool', 'isSemver(string, bool) -> bool', isVersion),
  overload(
    'semver_is_greater_than',
    'Semver.isGreaterThan(Semver) -> bool',
    (a: CelSemver, b: CelSemver) => order(a, b) > 0,
  ),
  overload(
    'semver_is_less_than',
    'Semver.isLessThan(Semver) -> bool',
    (a: CelSemver, b: CelSemver) => order(a, b) < 0,
  ),
  overload('semver_compare_to', 'Semver.compareTo(Semver) -> int', order),
  overload('semver_major', 'Semver.major() -> int', ({ numbers }: CelSemver) => numbers[0]),
  overload('semver_minor', 'Semver.minor() -> int', ({ numbers }: CelSemver) => numbers[1]),
  overload('semver_patch', 'Semver.patch() -> int', ({ numbers }: CelSemver) => numbers[2]),
]
