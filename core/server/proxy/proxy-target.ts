import { badRequest } from '../../api/status.ts'

/** `name`, `name:port` or `scheme:name:port`, as the URLs of proxy subresources give it. */
export interface ProxyTarget {
  scheme: '' | 'http' | 'https'
  name: string
  /** A number or a name; '' when none is given. */
  port: string
}

/** Splits the id in the URL (upstream: apimachinery net.SplitSchemeNamePort). Throws 400 for other forms. */
export function parseProxyTarget(kind: 'pod' | 'service' | 'node', id: string): ProxyTarget {
  const parts = id.split(':')
  const [scheme, name, port] =
    parts.length === 1 ? ['', parts[0]!, ''] : parts.length === 2 ? ['', ...parts] : parts
  const isKnownScheme = scheme === '' || scheme === 'http' || scheme === 'https'
  if (parts.length > 3 || !isKnownScheme || !name) {
    throw badRequest(`invalid ${kind} request ${JSON.stringify(id)}`)
  }
  return { scheme, name, port: port ?? '' }
}

/**
 * What follows `…/proxy` in a raw path, with dot segments resolved: '' or an absolute path, still escaped; and the path up
 * to there.
 */
export function splitProxyPath(rawPath: string): { prefix: string; rest: string } {
  const match = /^(.*?\/(?:pods|services|nodes)\/[^/]+\/proxy)(\/.*)?$/.exec(rawPath)
  if (!match) return { prefix: rawPath, rest: '' }
  const [, prefix = '', rest] = match
  return { prefix, rest: rest === undefined ? '' : withoutDots(rest) }
}

function withoutDots(path: string): string {
  return new URL(path.replace(/\/{2,}/g, '/'), 'http://proxy').pathname
}
