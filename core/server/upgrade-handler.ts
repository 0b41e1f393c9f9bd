import { randomUUID } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import type { Authorizer } from '../auth/authz/authorizer.ts'
import { badRequest, pageNotFound, serviceUnavailable } from '../api/status.ts'
import type { UserInfo } from '../api/request.ts'
import type { Clock } from '../util/clock.ts'
import type { Logger } from '../util/logger.ts'
import type { Aggregator } from './aggregation/aggregator.ts'
import type { AuditRecord } from './audit/audit-record.ts'
import type { Auditor } from './audit/auditor.ts'
import { createIdentifier, type IdentifierOptions } from './filters/authentication.ts'
import { requireAccess } from './filters/authorization.ts'
import type { Impersonator } from './impersonation/impersonator.ts'
import { forwardUpgrade } from './proxy/forward-upgrade.ts'
import { isProxyRequest, type ProxyResolver } from './proxy/proxy-subresource.ts'
import { parseRequestInfo, type RequestInfo } from './request-info.ts'
import { toStatusError } from './responses/status.ts'
import {
  streamingSubresources,
  type StreamingHandler,
  type StreamingRequest,
} from './streaming/streaming-handler.ts'
import { isUpgradeTo, rejectUpgrade, type Upgrade } from './streaming/upgrade.ts'
import {
  byteMessages,
  eventMessages,
  WebSocketResponse,
  type MessageForm,
} from './streaming/websocket-response.ts'

/** Serves one HTTP/1.1 upgrade request. Never rejects. */
export type UpgradeHandler = (request: IncomingMessage, socket: Duplex, head: Buffer) => Promise<void>

interface UpgradeHandlerOptions extends IdentifierOptions {
  authorizer: Authorizer
  impersonate: Impersonator
  /** Asks admission about a stream. */
  admit(request: StreamingRequest, user: UserInfo, audit: AuditRecord | undefined): Promise<void>
  auditor?: Auditor
  streaming: StreamingHandler
  resolveProxy: ProxyResolver
  aggregator?: Aggregator
  /** Serves an ordinary request whose body goes out over a WebSocket. */
  onRequest(request: IncomingMessage, response: WebSocketResponse): void
  clock: Clock
  log: Logger
}

/** Takes upgrade requests through authentication, audit, impersonation and authorisation, then to the streaming handler. */
export function createUpgradeHandler(options: UpgradeHandlerOptions): UpgradeHandler {
  const { authorizer, auditor, clock } = options
  const identify = createIdentifier(options)

  async function serve(upgrade: Upgrade, caller: UserInfo, asked: Asked): Promise<void> {
    const { info, query } = asked
    const found = await options.impersonate(upgrade.request.rawHeaders, info, caller)
    if (found) upgrade.audit?.impersonated(found.user, found.constraint)
    const user = found?.user ?? caller
    await requireAccess(authorizer, info, user, upgrade.audit)
    const remote = options.aggregator?.remoteFor(info)
    if (remote) {
      if (!options.aggregator?.isAvailable(remote)) throw serviceUnavailable('service unavailable')
      await forwardUpgrade(upgrade, remote.destination(user, upgrade.request.url ?? '/'))
      return
    }
    if (isProxyRequest(info)) {
      await forwardUpgrade(upgrade, await options.resolveProxy({ ...asked, user, audit: upgrade.audit }))
      return
    }
    const isStream = info.apiGroup === '' && info.apiVersion === 'v1' && info.resource === 'pods'
    if (!isStream || info.parts.length !== 3 || !streamingSubresources.includes(info.subresource)) {
      throw pageNotFound()
    }
    const { namespace, name, subresource } = info
    if (query.getAll('dryRun').some((value) => value !== '')) throw badRequest('dryRun is not supported')
    const stream = { namespace, name, subresource, query }
    await options.admit(stream, user, upgrade.audit)
    // A WebSocket opens with a GET; what it does is no mere reading, and needs what the POST of other clients needs.
    if (info.verb === 'get') await requireAccess(authorizer, { ...info, verb: 'create' }, user)
    await options.streaming.handle(stream, upgrade)
  }

  return async (request, socket, head) => {
    // Until a stream takes over, a broken connection must not end the process.
    socket.on('error', () => undefined)
    let audit: AuditRecord | undefined
    const auditId = [request.headers['audit-id'] ?? []].flat()[0] || randomUUID()
    try {
      const receivedAt = clock.now()
      const asked = askedOf(request)
      const form = messageForm(request, asked.info)
      if (form && !options.aggregator?.remoteFor(asked.info)) {
        options.onRequest(request, new WebSocketResponse({ request, socket, head, auditId }, form))
        return
      }
      const caller = await identify(request)
      audit = auditor?.({ request, ...asked, user: caller, auditId, receivedAt })
      audit?.stage('RequestReceived')
      await serve({ request, socket, head, auditId, audit }, caller, asked)
    } catch (error) {
      const { status } = toStatusError(error, options.log)
      audit?.responseStatus(status)
      rejectUpgrade({ socket, auditId }, status)
    } finally {
      audit?.stage('ResponseComplete')
    }
  }
}

/** How the body of a GET that is no stream of its own goes over a WebSocket; undefined for all others. */
function messageForm(request: IncomingMessage, info: RequestInfo): MessageForm | undefined {
  if (request.method !== 'GET' || !info.isResourceRequest || !isUpgradeTo(request, 'websocket'))
    return undefined
  if (info.verb === 'watch') return eventMessages
  const isLog = info.apiGroup === '' && info.resource === 'pods' && info.subresource === 'log'
  return isLog ? byteMessages : undefined
}

interface Asked {
  rawPath: string
  /** The query with its question mark; '' without one. */
  search: string
  info: RequestInfo
  query: URLSearchParams
}

function askedOf(request: IncomingMessage): Asked {
  const url = request.url ?? '/'
  const mark = url.indexOf('?')
  const query = new URLSearchParams(mark < 0 ? '' : url.slice(mark + 1))
  const path = mark < 0 ? url : url.slice(0, mark)
  const info = parseRequestInfo(request.method ?? 'GET', path, query)
  return { info, query, rawPath: path, search: url.slice(path.length) }
}
