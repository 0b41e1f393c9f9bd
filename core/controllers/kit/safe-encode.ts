/** No vowels and no look-alikes, so that no words come out (upstream: apimachinery/pkg/util/rand). */
const safeAlphabet = 'bcdfghjklmnpqrstvwxz2456789'

/** Each character of `text` as one of the safe alphabet (upstream: rand.SafeEncodeString). */
export function safeEncode(text: string): string {
  let encoded = ''
  for (const character of text) {
    encoded += safeAlphabet[(character.codePointAt(0) ?? 0) % safeAlphabet.length]
  }
  return encoded
}

/** 32-bit FNV-1a of a text's UTF-8 bytes. */
export function fnv32a(text: string): number {
  let hash = 0x811c9dc5
  for (const byte of Buffer.from(text, 'utf8')) {
    hash ^= byte
    hash = Math.imul(hash, 0x01000193)
  }
  return hash >>> 0
}

/** JSON with sorted keys and without empty members: equal for objects that mean the same. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const members = Object.entries(value)
    .filter(([, member]) => member !== undefined && member !== null)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, member]) => `${JSON.stringify(key)}:${canonicalJson(member)}`)
  return `{${members.join(',')}}`
}
