import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'

/** A fresh secret of 32 random bytes, base64url. */
export function createLaunchToken(): string {
  return randomBytes(32).toString('base64url')
}

/** Compares without telling by its time how much of a guess is right. */
export function isSameSecret(one: string, other: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(one), digest(other))
}

/** The value of a cookie in a `Cookie` header. */
export function readCookie(header: string | undefined, name: string): string | undefined {
  for (const pair of (header ?? '').split(';')) {
    const at = pair.indexOf('=')
    if (at > 0 && pair.slice(0, at).trim() === name) return pair.slice(at + 1).trim()
  }
  return undefined
}
