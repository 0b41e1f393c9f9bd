import { createHash, timingSafeEqual } from 'node:crypto'

/** Users and their hashed passwords, from the text of an htpasswd file. */
export function parseHtpasswd(text: string): Map<string, string> {
  const users = new Map<string, string>()
  for (const line of text.split('\n')) {
    const at = line.indexOf(':')
    if (at > 0 && !line.startsWith('#')) users.set(line.slice(0, at), line.slice(at + 1).trim())
  }
  return users
}

/**
 * Whether a password is the one that was hashed: Apache's MD5 (`$apr1$`, what `htpasswd` writes unless told otherwise), `{SHA}`,
 * `{SSHA}` and `{PLAIN}`. Other schemes (bcrypt, crypt) let nobody in.
 */
export function passwordMatches(password: string, hashed: string): boolean {
  if (hashed.startsWith('{PLAIN}')) return same(hashed.slice(7), password)
  if (hashed.startsWith('{SHA}')) return same(hashed.slice(5), sha1(password).toString('base64'))
  if (hashed.startsWith('{SSHA}')) {
    const bytes = Buffer.from(hashed.slice(6), 'base64')
    return same(bytes.subarray(0, 20).toString('hex'), sha1(password, bytes.subarray(20)).toString('hex'))
  }
  const salt = /^\$apr1\$([^$]{1,8})\$/.exec(hashed)?.[1]
  return salt !== undefined && same(hashed, apr1(password, salt))
}

function same(one: string, other: string): boolean {
  const [a, b] = [one, other].map((text) => createHash('sha256').update(text).digest())
  return timingSafeEqual(a!, b!)
}

function sha1(...parts: Array<string | Buffer>): Buffer {
  return digest('sha1', parts)
}

function md5(...parts: Array<string | Buffer>): Buffer {
  return digest('md5', parts)
}

function digest(algorithm: string, parts: Array<string | Buffer>): Buffer {
  const hash = createHash(algorithm)
  for (const part of parts) hash.update(part)
  return hash.digest()
}

const rounds = 1000
const alphabet = './0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
/** Which bytes of the digest make up each four characters of the result. */
const order = [
  [0, 6, 12],
  [1, 7, 13],
  [2, 8, 14],
  [3, 9, 15],
  [4, 10, 5],
]

/** Apache's variant of the MD5 crypt of FreeBSD (httpd manual, "Password Formats"). */
function apr1(password: string, salt: string): string {
  const bytes = Buffer.from(password)
  const inner = md5(password, salt, password)
  const start: Array<string | Buffer> = [password, '$apr1$', salt]
  for (let left = bytes.length; left > 0; left -= 16) start.push(inner.subarray(0, Math.min(16, left)))
  for (let bits = bytes.length; bits > 0; bits >>= 1) {
    start.push(bits & 1 ? Buffer.from([0]) : bytes.subarray(0, 1))
  }
  let last = md5(...start)
  for (let round = 0; round < rounds; round++) {
    last = md5(
      round & 1 ? bytes : last,
      ...(round % 3 ? [salt] : []),
      ...(round % 7 ? [bytes] : []),
      round & 1 ? last : bytes,
    )
  }
  const groups = order.map(([a = 0, b = 0, c = 0]) =>
    encode((last[a]! << 16) | (last[b]! << 8) | last[c]!, 4),
  )
  return `$apr1$${salt}$${groups.join('')}${encode(last[11]!, 2)}`
}

function encode(value: number, characters: number): string {
  let text = ''
  for (let at = 0; at < characters; at++) text += alphabet[(value >> (6 * at)) & 63]
  return text
}
