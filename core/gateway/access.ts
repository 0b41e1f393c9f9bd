import type { IncomingMessage } from 'node:http'
import { failure, forbidden, unauthorized, type StatusError } from '../api/status.ts'
import { isSameSecret, readCookie } from './launch-token.ts'

/** Who may talk to the gateway: holders of the launch token, by names of this machine, from the gateway's own page. */
export interface Access {
  readonly token: string
  /** `Set-Cookie` that carries the token to the page's next requests. */
  readonly cookie: string
  /** Whether this is the launch token. */
  isToken(candidate: string): boolean
  /** Throws the StatusError that refuses a request: 421 for a foreign Host, 403 for a foreign Origin, 401. */
  check(request: IncomingMessage): void
  /** The Host check alone; for requests that bring the token in their query. */
  checkHost(request: IncomingMessage): void
}

const safeMethods = new Set(['GET', 'HEAD'])

/** Access to a gateway that listens on `port` of the loopback interface. */
export function createAccess(token: string, port: number): Access {
  const hosts = new Set([`127.0.0.1:${port}`, `localhost:${port}`, `[::1]:${port}`])
  const origins = new Set([...hosts].map((host) => `http://${host}`))
  // Cookies know no ports: two gateways on one machine must not overwrite each other's.
  const cookieName = `wheelhouse-${port}`

  function checkHost(request: IncomingMessage): void {
    if (!hosts.has((request.headers.host ?? '').toLowerCase())) {
      throw failure(421, 'MisdirectedRequest', 'this address is not served under that host name')
    }
  }

  function checkOrigin(request: IncomingMessage, isProgram: boolean): void {
    const { origin } = request.headers
    const isUpgrade = request.headers.upgrade !== undefined
    const site = request.headers['sec-fetch-site']
    if (site === 'cross-site' || site === 'same-site') {
      if (!isNavigation(request)) throw foreignOrigin()
    }
    if (!isUpgrade && safeMethods.has(request.method ?? '')) return
    // Browsers always send Origin here; only a program that shows the token itself may leave it out.
    if (origin === undefined ? !isProgram : !origins.has(origin.toLowerCase())) throw foreignOrigin()
  }

  return {
    token,
    cookie: `${cookieName}=${token}; Path=/; HttpOnly; SameSite=Strict`,
    isToken: (candidate) => isSameSecret(candidate, token),
    checkHost,
    check(request) {
      checkHost(request)
      const bearer = /^Bearer (.+)$/i.exec(request.headers.authorization ?? '')?.[1]
      const isProgram = bearer !== undefined && isSameSecret(bearer.trim(), token)
      checkOrigin(request, isProgram)
      const cookie = readCookie(request.headers.cookie, cookieName)
      if (!isProgram && (cookie === undefined || !isSameSecret(cookie, token))) throw unauthorized()
    },
  }
}

/** Opening a page by a link elsewhere shows the page and changes nothing. */
function isNavigation(request: IncomingMessage): boolean {
  return request.method === 'GET' && request.headers['sec-fetch-mode'] === 'navigate'
}

function foreignOrigin(): StatusError {
  return forbidden({ group: '', resource: 'gateway' }, '', 'the request comes from another site')
}
