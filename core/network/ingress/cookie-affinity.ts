import { createHash } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { CookieSettings } from '../../api/ingress-annotations.ts'

/** What the cookie says of an endpoint `address:port`: the same for all callers, and no address. */
function tokenOf(address: string): string {
  return createHash('sha256').update(address).digest('hex').slice(0, 32)
}

/** How a caller's cookie names the endpoint it had. */
export interface StickyCaller {
  /** Whether the caller had this endpoint. */
  had(address: string): boolean
  /** The header that keeps the caller at this endpoint; undefined where its cookie does already. */
  setCookie(address: string): string | undefined
}

/** Reads the cookie of a request. */
export function stickyCaller(
  { headers }: Pick<IncomingMessage, 'headers'>,
  { name, attributes }: CookieSettings,
): StickyCaller {
  const pairs = (headers.cookie ?? '').split(';').map((pair) => pair.trim())
  const token = pairs.find((pair) => pair.startsWith(`${name}=`))?.slice(name.length + 1)
  return {
    had: (address) => token === tokenOf(address),
    setCookie: (address) =>
      token === tokenOf(address) ? undefined : [`${name}=${tokenOf(address)}`, ...attributes].join('; '),
  }
}
