import { randomInt } from 'node:crypto'

/** No vowels and no look-alikes, as upstream (apimachinery/pkg/util/rand). */
const alphabet = 'bcdfghjklmnpqrstvwxz2456789'
const randomLength = 5
const maxLength = 63

/** A name from a prefix: cut so that prefix and five random characters fit a DNS label. */
export function generateName(prefix: string): string {
  let name = prefix.slice(0, maxLength - randomLength)
  for (let i = 0; i < randomLength; i++) name += alphabet[randomInt(alphabet.length)]
  return name
}
