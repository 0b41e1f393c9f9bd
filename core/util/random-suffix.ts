/** No vowels and no look-alikes: such texts spell no words. */
const alphabet = 'bcdfghjklmnpqrstvwxz2456789'

/** How long a suffix is. */
export const suffixLength = 5

/** Characters that tell names of one prefix apart, and hold no secret (upstream: apimachinery/pkg/util/rand String). */
export function randomSuffix(): string {
  let text = ''
  for (let i = 0; i < suffixLength; i++) text += alphabet[Math.floor(Math.random() * alphabet.length)]
  return text
}
