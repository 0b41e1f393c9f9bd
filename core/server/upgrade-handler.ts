import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import type { Authenticator } from '../auth/authn/authenticator.ts'
import type { Authorizer } from '../auth/authz/authorizer.ts'
import { pageNotFound } from '../api/status.ts'
import type { Logger } from '../util/logger.ts'
import { createIdentifier } from './filters/authentication.ts'
import { requireAccess } from './filters/authorization.ts'
import { impersonatedUser } from './filters/impersonation.ts'
import { parseRequestInfo } from './request-info.ts'
import { toStatusError } from './responses/status.ts'
import { streamingSubresources, type StreamingHandler } from './streaming/streaming-handler.ts'
import { rejectUpgrade } from './streaming/upgrade.ts'

/** Serves one HTTP/1.1 upgrade request. Never rejects. */
export type UpgradeHandler = (request: IncomingMessage, socket: Duplex, head: Buffer) => Promise<void>

/** Takes upgrade requests through authentication, impersonation and authorisation, then to the streaming handler. */
export function createUpgradeHandler(options: {
  authenticator: Authenticator
  authorizer: Authorizer
  streaming: StreamingHandler
  log: Logger
}): UpgradeHandler {
  const identify = createIdentifier(options.authenticator)
  return async (request, socket, head) => {
    // Until a stream takes over, a broken connection must not end the process.
    socket.on('error', () => undefined)
    try {
      const [path = '/', search = ''] = splitUrl(request.url ?? '/')
      const query = new URLSearchParams(search)
      const info = parseRequestInfo(request.method ?? 'GET', path, query)
      const caller = await identify(request)
      const user = (await impersonatedUser(request.headers, caller, options.authorizer)) ?? caller
      await requireAccess(options.authorizer, info, user)
      const isStream = info.apiGroup === '' && info.apiVersion === 'v1' && info.resource === 'pods'
      if (!isStream || info.parts.length !== 3 || !streamingSubresources.includes(info.subresource)) {
        throw pageNotFound()
      }
      // A WebSocket opens with a GET; what it does is no mere reading, and needs what the POST of other clients needs.
      if (info.verb === 'get') await requireAccess(options.authorizer, { ...info, verb: 'create' }, user)
      const { namespace, name, subresource } = info
      await options.streaming.handle({ namespace, name, subresource, query }, { request, socket, head })
    } catch (error) {
      rejectUpgrade(socket, toStatusError(error, options.log).status)
    }
  }
}

function splitUrl(url: string): [string, string] {
  const mark = url.indexOf('?')
  return mark < 0 ? [url, ''] : [url.slice(0, mark), url.slice(mark + 1)]
}
