import type { Http2ServerRequest } from 'node:http2'
import type { TLSSocket } from 'node:tls'
import {
  anonymousUser,
  type Authenticator,
  type PresentedCertificate,
} from '../../auth/authn/authenticator.ts'
import type { UserInfo } from '../../api/request.ts'
import { unauthorized } from '../../api/status.ts'
import type { Auditor } from '../audit/auditor.ts'
import type { HttpRequest } from '../exchange.ts'
import { auditFailedAuthentication } from './audit.ts'
import type { AccessMetrics } from '../metrics/access-metrics.ts'
import type { Filter } from './filter.ts'

const bearerProtocolPrefix = 'base64url.bearer.authorization.k8s.io.'

export interface IdentifierOptions {
  authenticator: Authenticator
  /**
   * The only paths where nobody in particular may come in (upstream: `anonymous.conditions` of an
   * AuthenticationConfiguration; exact paths). Absent: everywhere, and authorization decides.
   */
  anonymousPaths?: ReadonlySet<string>
  /** Counts who came in; left out: nobody does. */
  access?: AccessMetrics
}

/** Sets `exchange.user`: from the client certificate or bearer token, or anonymous. Bad credentials are a 401. */
export function authenticationFilter(options: IdentifierOptions & { auditor?: Auditor }): Filter {
  const identify = createIdentifier(options)
  return async (exchange, next) => {
    try {
      exchange.user = await identify(exchange.request)
    } catch (error) {
      if (options.auditor) auditFailedAuthentication(exchange, options.auditor)
      throw error
    }
    return next(exchange)
  }
}

/** Tells who sent a request; also used for upgrades, which do not pass the filters as an exchange. */
export function createIdentifier(options: IdentifierOptions): (request: HttpRequest) => Promise<UserInfo> {
  const { authenticator, anonymousPaths, access } = options
  const certificates = new WeakMap<object, PresentedCertificate | 'none'>()

  function certificateOf(request: HttpRequest): PresentedCertificate | undefined {
    const socket = tlsSocket(request)
    const connection =
      request.httpVersionMajor === 2 ? (request as Http2ServerRequest).stream.session : socket
    if (!connection || typeof socket?.getPeerCertificate !== 'function') return undefined
    let certificate = certificates.get(connection)
    if (!certificate) {
      certificate = readCertificate(socket) ?? 'none'
      certificates.set(connection, certificate)
    }
    return certificate === 'none' ? undefined : certificate
  }

  return async (request) => {
    const beganAt = performance.now()
    const certificate = certificateOf(request)
    const user = await authenticator
      .authenticate({
        certificate,
        authorization: request.headers.authorization,
        bearerToken: tokenFromProtocols(request.headers['sec-websocket-protocol']),
      })
      .catch((error: unknown) => {
        access?.failed(performance.now() - beganAt)
        throw error
      })
    if (user) {
      const ends = certificate?.verified ? certificate.expiresAt : undefined
      access?.succeeded(user.name, performance.now() - beganAt, ends)
      return user
    }
    const path = request.url?.split('?', 1)[0] ?? ''
    if (anonymousPaths && !anonymousPaths.has(path)) throw unauthorized()
    return anonymousUser
  }
}

function tlsSocket(request: HttpRequest): TLSSocket | undefined {
  if (request.httpVersionMajor === 2) {
    return (request as Http2ServerRequest).stream.session?.socket as TLSSocket | undefined
  }
  return request.socket as TLSSocket
}

function first(value: string | string[] | undefined): string {
  return (Array.isArray(value) ? value[0] : value) ?? ''
}

function readCertificate(socket: TLSSocket): PresentedCertificate | undefined {
  const peer = socket.getPeerCertificate()
  // Node gives an empty object when the client showed no certificate.
  if (!peer.subject) return undefined
  const organizations = peer.subject.O
  return {
    verified: socket.authorized,
    expiresAt: Date.parse(peer.valid_to),
    commonName: first(peer.subject.CN),
    organizations: organizations === undefined ? [] : [organizations].flat(),
    sha256: (peer.fingerprint256 ?? '').replaceAll(':', '').toLowerCase(),
  }
}

/** Browsers cannot set headers on a WebSocket; upstream takes a token as a subprotocol instead. */
function tokenFromProtocols(header: string | undefined): string | undefined {
  for (const protocol of header?.split(',') ?? []) {
    const name = protocol.trim()
    if (!name.startsWith(bearerProtocolPrefix)) continue
    return Buffer.from(name.slice(bearerProtocolPrefix.length), 'base64url').toString()
  }
  return undefined
}
