import type { IncomingMessage, OutgoingHttpHeaders } from 'node:http'
import type { CorsSettings } from '../../api/ingress-annotations.ts'

/** The headers that let a browser use an answer at the origin it asked from; none where that origin may not. */
export function corsHeaders(
  { headers }: Pick<IncomingMessage, 'headers'>,
  cors: CorsSettings,
): OutgoingHttpHeaders {
  const { origin } = headers
  const allowed = cors.origins.includes('*')
    ? '*'
    : origin !== undefined && cors.origins.some((one) => originMatches(one, origin))
      ? origin
      : undefined
  if (allowed === undefined) return {}
  return {
    'access-control-allow-origin': allowed,
    ...(cors.credentials && { 'access-control-allow-credentials': 'true' }),
    'access-control-allow-methods': cors.methods,
    'access-control-allow-headers': cors.headers,
    ...(cors.exposed && { 'access-control-expose-headers': cors.exposed }),
    'access-control-max-age': String(cors.maxAgeSeconds),
  }
}

/** `https://*.example.com` stands for one label more. */
function originMatches(allowed: string, origin: string): boolean {
  const [before, after] = allowed.split('*.', 2)
  if (after === undefined) return allowed === origin
  const label = origin.slice(before?.length, -after.length - 1)
  return origin === `${before}${label}.${after}` && /^[\w-]+$/.test(label)
}
