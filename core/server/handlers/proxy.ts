import { badRequest } from '../../api/status.ts'
import { forwardRequest } from '../proxy/forward-request.ts'
import type { ProxyResolver } from '../proxy/proxy-subresource.ts'
import { splitProxyPath } from '../proxy/proxy-target.ts'
import { respond } from '../responses/respond.ts'
import type { Handler } from '../filters/filter.ts'

/** Any method on `pods/x/proxy`, `services/x/proxy` and `nodes/x/proxy`, and whatever path follows. */
export function createProxyHandler(resolve: ProxyResolver): Handler {
  return async (exchange) => {
    const { info, rawPath, method } = exchange
    const url = exchange.request.url ?? ''
    const search = url.slice(rawPath.length)
    if (exchange.query.getAll('dryRun').some((value) => value !== '')) {
      throw badRequest('dryRun is not supported')
    }
    const destination = await resolve({ info, rawPath, search, user: exchange.user, audit: exchange.audit })
    const isRead = method === 'GET' || method === 'HEAD'
    if (isRead && splitProxyPath(rawPath).rest === '') {
      // Without the slash a page's relative links would lead out of the proxy.
      const headers = { location: `${rawPath}/${search}` }
      return respond(exchange, { code: 301, contentType: 'text/html; charset=utf-8', body: '', headers })
    }
    await forwardRequest(exchange, destination)
  }
}
