import { randomSuffix, suffixLength } from '../../util/random-suffix.ts'

const maxLength = 63

/** A name from a prefix: cut so that prefix and five random characters fit a DNS label. */
export function generateName(prefix: string): string {
  return prefix.slice(0, maxLength - suffixLength) + randomSuffix()
}
